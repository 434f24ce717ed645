// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "elastic/index_mode.h"
#include "elastic/server.h"

namespace pwlog {

/// Whether a server that was identified can take what this program would send to it, set up as its
/// configuration says: judged here for every command.
struct ServerCheck {
    enum class State {
        fits,
        old,    ///< it works, but is older than what this program is made for
        unfit,  ///< it cannot take our templates
    };

    State state = State::fits;
    std::string finding{};  ///< its name among the findings of `doctor`
    std::string message{};  ///< for people; empty where it fits
    std::string next{};     ///< what to do about it

    /// Message and next step in one line.
    std::string text() const { return message + ": " + next; }
};

/// `mode`: index_mode in [elasticsearch].
ServerCheck check_server(const ServerInfo& info, IndexMode mode);

}  // namespace pwlog
