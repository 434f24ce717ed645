// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "link/line_io.h"
#include "link/link.h"

namespace pwlog {

/// A terminal or a connection: bytes go out and come in as they are. Serial ports and PTYs alike,
/// once set.
class FdLink final : public Link {
  public:
    /// `fd`: open, locked, and set by set_line(), or connected. `lock`: what else keeps others off.
    FdLink(UniqueFd fd, std::string name, UniqueFd lock = {});
    /// Ends a claim (see claim_terminal()), which would last while anybody has the terminal open.
    ~FdLink() override;
    FdLink(const FdLink&) = delete;
    FdLink& operator=(const FdLink&) = delete;

    Result<void> write(std::string_view bytes, SteadyTime deadline,
                       const std::stop_token& stop) override;
    Result<std::size_t> read(std::span<char> buffer, SteadyTime deadline,
                             const std::stop_token& stop) override;
    Result<void> discard_input() override;
    const std::string& name() const override { return io_.name(); }

  private:
    UniqueFd lock_;
    LineIo io_;  // closed before others may come
};

/// Sets 2400 8N1, raw, no flow control, and empties the kernel's buffers. A fresh terminal is
/// cooked with echo: left so, the device answers NAK to its own echoed answer, for ever.
Result<void> set_line(int fd, const std::string& name);

/// Opens a PTY, or any other terminal that libserialport does not take. `path` is where `name`
/// leads. It is locked by flock() alone: a PTY's slave lives as long as its master, so TIOCEXCL
/// would outlive a killed process and refuse its successor.
Result<std::unique_ptr<Link>> open_fd_link(const std::string& name, const std::string& path);

}  // namespace pwlog
