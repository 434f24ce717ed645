// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/stop_event.h"
#include "base/unique_fd.h"

namespace pwlog {

/// One open descriptor and everything that can go wrong on it: the waits, and what an errno means
/// for a line, are here and nowhere else. Closes the descriptor as soon as the other end is gone,
/// for a held one keeps the device's number taken and poll() reports a hangup for ever.
class LineIo {
  public:
    /// Takes `fd`, which becomes non-blocking: a call that blocks knows no deadline.
    LineIo(UniqueFd fd, std::string name);

    /// One write() that took something, after waiting for room if there is none; returns how much.
    Result<std::size_t> write_some(std::string_view bytes, SteadyTime deadline,
                                   const std::stop_token& stop);

    /// One read() that brought something, after waiting for it if there is nothing. Bytes that are
    /// already there are handed out even when the deadline has passed.
    Result<std::size_t> read_some(std::span<char> buffer, SteadyTime deadline,
                                  const std::stop_token& stop);

    /// Reads until there is nothing more, at most 64 KiB: a line that never falls silent must not
    /// keep us here.
    Result<void> drain();

    /// Waits until `when`; ends early with an error when the other end goes or a stop is requested.
    Result<void> pause_until(SteadyTime when, const std::stop_token& stop);

    const std::string& name() const { return name_; }
    /// -1 once the other end is gone.
    int fd() const { return fd_.get(); }

  private:
    Result<short> wait_for(short events, SteadyTime deadline, const std::stop_token& stop);
    int stop_fd(const std::stop_token& stop);
    Result<void> ready(const std::stop_token& stop) const;
    tl::unexpected<Error> failed(std::string_view tried, int error);
    tl::unexpected<Error> lost(std::string_view how);

    UniqueFd fd_;
    std::stop_token
        stop_;  // which stop_event_ shows; a line is waited on with the same one, mostly
    std::unique_ptr<StopEvent> stop_event_;
    bool is_socket_;
    std::string name_;
};

}  // namespace pwlog
