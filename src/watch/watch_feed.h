// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "base/unique_fd.h"
#include "config/config.h"
#include "control/daemon_status.h"

namespace pwlog {

/// What a feed knows at the moment.
struct FeedState {
    DaemonStatus status;
    bool from_daemon = false;  ///< else only the devices are known
    std::string origin;        ///< who says it: "daemon, process 4711"
    std::string trouble;       ///< why nothing new comes; empty where it does
};

/// Where `watch` has its numbers from: reads on threads of its own, begins in the constructor, ends
/// in the destructor. state() and fd() from one thread.
class WatchFeed {
  public:
    WatchFeed();
    virtual ~WatchFeed() = default;

    FeedState state() const;
    /// Readable once something new is there, until taken().
    int fd() const { return news_.get(); }
    void taken() const;

  protected:
    /// Changes the state, from any thread.
    template <class Change>
    void publish(const Change& change) {
        {
            const std::lock_guard lock(mutex_);
            change(state_);
        }
        tell();
    }

  private:
    void tell() const;

    UniqueFd news_;
    mutable std::mutex mutex_;
    FeedState state_;
};

/// Asks the daemon each `period`; one that is gone is looked for again.
std::unique_ptr<WatchFeed> watch_daemon(const std::filesystem::path& socket,
                                        std::chrono::milliseconds period);

/// A device to be read without a daemon: one of the configuration, or a port where either kind may
/// answer.
using WatchedDevice = std::variant<PduConfig, AtsConfig, UpsConfig, DeviceConfig>;

/// Reads devices itself, each on a thread of its own, and records nothing.
std::unique_ptr<WatchFeed> watch_devices(std::vector<WatchedDevice> devices,
                                         std::chrono::milliseconds period);

}  // namespace pwlog
