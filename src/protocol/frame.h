// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pwlog {

/// Finds answers in a stream of bytes. On the wire an answer is
///
///     ( 0 2 4 6 … \r
///     |           `- ends it; never a line feed, never a pause
///     `- starts it; whatever stands before it is skipped, a second one starts anew
///
/// Answers are printable ASCII. Another byte inside one is damage and drops it whole: a byte with a
/// framing error comes from the driver as NUL, and without it `02?8` would be a number all the
/// same. An answer that grows past `longest_payload` is dropped as well, so memory stays bounded
/// whatever comes; the search goes on.
class FrameReader {
  public:
    static constexpr std::size_t longest_payload = 200;  // the longest known answer, QSR, has 111

    /// Takes one byte; returns the payload (without parenthesis and CR) when that byte ended an
    /// answer.
    std::optional<std::string> feed(char byte);

    /// Forgets what was begun.
    void reset();

    /// An answer has begun and not ended.
    bool inside() const { return inside_; }

  private:
    bool inside_ = false;
    std::string payload_;
};

/// An answer as it goes over the wire.
std::string frame(std::string_view payload);

/// How long `bytes` bytes take at 2400 baud 8N1, in seconds: ten bits each.
constexpr double wire_seconds(std::size_t bytes) {
    return static_cast<double>(bytes) * 10.0 / 2400.0;
}

}  // namespace pwlog
