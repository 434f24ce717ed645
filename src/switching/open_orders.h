// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "events/switch_request.h"

namespace pwlog {

/// Orders of which something has been sent, or is about to be, and whose event is yet to come: if
/// the process dies before, the next one tells of them. One thread at a time.
class OpenOrders {
  public:
    /// Its number.
    std::size_t begin(const SwitchRequest& request, Timestamp sent);
    void end(std::size_t number) { open_.erase(number); }

    /// What the next process needs; empty: nothing.
    std::string save() const;
    /// Those that a process before left, each with `unknown` and why.
    static std::vector<SwitchRequest> left_in(std::string_view saved, const DeviceTag& device);

  private:
    std::size_t next_ = 1;
    std::map<std::size_t, std::string> open_;  // a line of JSON each
};

}  // namespace pwlog
