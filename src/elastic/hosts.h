// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Several addresses of one cluster, one of them in use: a good one is kept, a failing one is left
/// for the next. A failed host is not tried again for a while, unless all of them failed.
class Hosts {
  public:
    /// `servers` is not empty. A host stays out for `rest`, doubled with each failure in a row up
    /// to eight times that.
    explicit Hosts(std::vector<ServerUrl> servers,
                   std::chrono::milliseconds rest = std::chrono::seconds(60));

    const ServerUrl& current() const { return hosts_[current_].server; }
    std::size_t size() const { return hosts_.size(); }

    void succeeded();
    /// True: another host, now current(), is worth a try at once. False: all of them failed lately,
    /// so wait first; current() is then the one that has rested longest.
    bool failed(SteadyTime now);

  private:
    struct Host {
        ServerUrl server;
        SteadyTime rests_until{};
        int failures = 0;
    };

    std::vector<Host> hosts_;
    std::chrono::milliseconds rest_;
    std::size_t current_ = 0;
};

}  // namespace pwlog
