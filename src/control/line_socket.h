// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/stop_event.h"
#include "base/unique_fd.h"

namespace pwlog {

/// A connected stream socket that speaks in lines. One thread at a time.
class LineSocket {
  public:
    LineSocket(UniqueFd socket, const std::stop_token& stop);

    /// The next line, without its line feed. Errors: gone (the peer closed), timeout, stopped,
    /// invalid (longer than `longest`), io.
    Result<std::string> read_line(std::size_t longest, std::chrono::milliseconds timeout);

    /// Sends the line and a line feed; `timeout` is how long the peer may take nothing. Errors:
    /// gone, timeout, stopped, io.
    Result<void> write_line(std::string_view line, std::chrono::milliseconds timeout);

    int fd() const { return socket_.get(); }

  private:
    /// Waits for more, or takes what is there.
    Result<void> receive(std::chrono::milliseconds timeout);
    Result<void> wait_for(short events, std::chrono::milliseconds timeout);
    Result<void> write_all(std::string_view bytes, std::chrono::milliseconds timeout);

    UniqueFd socket_;
    std::unique_ptr<StopEvent> stop_;  // it cannot move
    std::string received_;
    std::size_t begin_ = 0;  // of what is not yet read as a line
};

}  // namespace pwlog
