// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/unique_fd.h"

namespace pwlog::test {

/// A reader's end of a terminal that a device is behind. Throws where it cannot be opened.
class Terminal {
  public:
    explicit Terminal(const std::string& path);

    void write(std::string_view bytes) const;
    /// Returns once there are that many bytes, or with what came until time was up.
    std::string read(std::size_t count,
                     std::chrono::milliseconds within = std::chrono::seconds(10)) const;
    /// Everything up to and with the next CR.
    std::string read_line(std::chrono::milliseconds within = std::chrono::seconds(10)) const;
    /// Waits for the other end to be pulled out; false where it is still there when time is up.
    bool is_hung_up(std::chrono::milliseconds within = std::chrono::seconds(10)) const;

    /// Sends the command with its CR, returns the payload of the one answer that comes; what is not
    /// an answer comes as it is.
    std::string ask(std::string_view command) const;

  private:
    UniqueFd fd_;
};

}  // namespace pwlog::test
