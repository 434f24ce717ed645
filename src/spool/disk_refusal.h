// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace pwlog {

/// The one rule for a disk that refuses: after a failed write growing pauses before the next; the
/// file grows again only once growing has worked; one line in the log when it begins, one when it
/// ends.
class DiskRefusal {
  public:
    explicit DiskRefusal(const Clock& clock) : clock_(clock) {}

    bool is_on() const { return write_.on || growth_.on; }
    bool may_write() const { return write_.is_due(clock_.steady_now()); }
    /// A full disk is asked again: whether it lets the file grow.
    bool may_grow() const { return growth_.is_due(clock_.steady_now()); }
    /// Of the last write that failed.
    const std::string& reason() const { return reason_; }
    bool refuses_growth() const { return growth_.on; }

    void write_failed(const Error& error);
    void write_worked();
    void growth_failed(const Error& error);
    void growth_worked();
    /// It was let grow, and had no need to.
    void growth_unproved() { growth_.extend(clock_.steady_now()); }
    /// Somebody made room: no need to wait.
    void try_now();

  private:
    struct Pause {
        bool on = false;
        std::chrono::milliseconds length{0};
        SteadyTime end{};
        bool is_due(SteadyTime now) const { return !on || now >= end; }
        void extend(SteadyTime now);
    };
    void tell_begin(const Error& error);
    void tell_end() const;

    const Clock& clock_;
    Pause write_;
    Pause growth_;
    std::string reason_;
    SteadyTime since_{};
};

}  // namespace pwlog
