// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/input/byte_input.h"

namespace pwlog {

/// One line of an input.
struct Line {
    std::string_view text;     ///< without its end (`\n` or `\r\n`); valid until the next one
    std::uint64_t number = 0;  ///< from 1
    bool too_long = false;     ///< text is only its beginning; the rest was skipped
    bool cut_off = false;      ///< the last one, and no line end stands behind it
};

/// A place in an input between two lines.
struct LinePosition {
    std::uint64_t offset = 0;  ///< bytes before it, uncompressed
    std::uint64_t lines = 0;   ///< lines before it
};

/// Splits an input into lines of bounded length: memory does not depend on the input.
class LineReader {
  public:
    static constexpr std::size_t longest_line = std::size_t{1024} * 1024;

    explicit LineReader(std::unique_ptr<ByteInput> input, std::size_t longest = longest_line);

    /// The next line; false at the end. A byte order mark at the start is left out.
    Result<bool> next(Line& line);
    /// Looks at the beginning without taking it: up to `size` bytes, at most `longest`.
    Result<std::string_view> peek(std::size_t size);
    /// For inputs without lines: whatever bytes come next, none at the end.
    Result<std::string_view> take_bytes();
    /// Goes on from a place that position() gave, before the first next().
    Result<void> resume(const LinePosition& position);

    /// Behind the last line.
    LinePosition position() const { return position_; }
    const ByteInput& input() const { return *input_; }

  private:
    Result<bool> fill();
    Result<bool> next_too_long(Line& line);

    std::unique_ptr<ByteInput> input_;
    std::size_t longest_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0;  // of what was not handed out
    std::size_t end_ = 0;
    bool ended_ = false;
    LinePosition position_;
    std::string too_long_text_;  // outlives the buffer's next use
};

}  // namespace pwlog
