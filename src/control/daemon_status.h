// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "spool/spool_info.h"

namespace pwlog {

class ControlClient;

/// One device as the daemon reads it.
struct DeviceStatus {
    std::string id;
    std::string model;
    bool reachable = false;
    std::optional<Timestamp> last_sample;
    std::string last_error;       ///< empty: the last reading was good
    std::string last_error_kind;  ///< "wrong_device", "timeout" …
    std::int64_t cycles = 0;
    std::int64_t failed = 0;
    std::int64_t late = 0;
    std::vector<std::string> documents;  ///< of the last sample, JSON each
};

/// What a daemon says of itself: the answer to `status` (status_json()), taken apart. A field that
/// is absent or odd is as if nothing was known: the daemon may be of another version.
struct DaemonStatus {
    std::string version;
    std::int64_t pid = 0;
    bool alive = true;  ///< each device's loop came round lately
    std::string clock;  ///< word_of() what the kernel tells it
    std::vector<DeviceStatus> devices;

    SpoolInfo spool;  ///< what of it spool_info_json() says

    struct Shipping {
        std::string state;
        std::string host;
        std::string server;
        std::string cluster;  ///< cluster_uuid of what it ships to; empty: none yet
        std::string last_error;
        std::optional<Timestamp> last_success;
        std::optional<std::int64_t> latency_ms;
        struct Held {
            std::string index;
            std::string reason;
            std::optional<Timestamp> since;
            std::optional<std::int64_t> waiting;
        };
        std::vector<Held> holds;
        struct Conflict {
            std::string device;
            std::int64_t documents = 0;
            std::optional<Timestamp> last;
        };
        std::vector<Conflict> conflicts;  ///< other loggers write documents of these
    } shipping;

    struct Mqtt {
        bool connected = false;
        std::string last_error;
    };
    std::optional<Mqtt> mqtt;  ///< none where no broker is configured

    /// Config::marks of what it was started with; empty where it does not say.
    std::map<std::string, std::string> configuration;
    std::string configuration_error;  ///< why the last reload failed; empty: it did not

    const DeviceStatus* device(std::string_view id) const;
};

/// The names in the answer to `reload` of what waits for a restart.
std::vector<std::string> parse_restart_needed(std::string_view json);

/// Error garbled where the text is no JSON object.
Result<DaemonStatus> parse_daemon_status(std::string_view json);
/// A daemon's own, or the error of asking for it.
Result<DaemonStatus> ask_status(ControlClient& daemon, std::chrono::milliseconds patience);

}  // namespace pwlog
