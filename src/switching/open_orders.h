// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "events/switch_request.h"

namespace pwlog {

/// Orders that have begun, and whose event is yet to come: if the process dies before, the next one
/// tells of them. One thread at a time.
class OpenOrders {
  public:
    /// Its number. `uptime`: of the machine.
    std::size_t begin(const SwitchRequest& request, Timestamp when,
                      std::chrono::nanoseconds uptime);
    void end(std::size_t number) { open_.erase(number); }

    /// What the next process needs; empty: nothing.
    std::string save() const;
    /// What a process before left.
    struct Left {
        SwitchRequest request;  ///< with `unknown`, and why
        std::chrono::nanoseconds uptime;
    };
    static std::vector<Left> left_in(std::string_view saved, const DeviceTag& device);

  private:
    std::size_t next_ = 1;
    std::map<std::size_t, std::string> open_;  // a line of JSON each
};

}  // namespace pwlog
