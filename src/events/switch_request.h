// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "document/event.h"

namespace pwlog {

/// Somebody wanted an outlet switched, whatever became of it.
struct SwitchRequest {
    enum class Outcome {
        done,       ///< the device shows the new state, or showed it before
        refused,    ///< not permitted, not understood, too often: nothing was sent
        withdrawn,  ///< who asked, or the program, ended before anything was sent
        failed,     ///< not sent as the port failed, or the device said no, or shows another state
        unknown,    ///< sent, and whether it was carried out was not seen
    };

    DeviceTag device;
    std::optional<OutletTag> outlet{};  ///< none: all of them
    std::string requested_by;           ///< a user's name, an MQTT client
    std::string method;                 ///< `cli`, `mqtt`
    std::string command;                ///< `on`, `off`, `cycle`, `cancel`
    std::optional<std::chrono::seconds> delay{};
    std::optional<std::chrono::seconds> restore_after{};
    std::string digits_before{};  ///< the eight outlet digits of QGS; empty: not read
    std::string digits_after{};
    Outcome outcome = Outcome::done;
    std::string reason{};  ///< why not; where it was done, which outlets needed nothing
};

/// Its event: `switch_request`.
Event switch_request_event(const SwitchRequest& request);

}  // namespace pwlog
