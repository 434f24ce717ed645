// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// How a piece of text is painted. The words say it, too: colours may be missing.
enum class Paint { plain, faint, strong, good, warning, alarm, title };

/// A piece of text at a column; UTF-8, or ASCII where the terminal knows no more.
struct Span {
    std::size_t column;
    std::string text;
    Paint paint;
};
using Line = std::vector<Span>;

/// What a terminal can do.
struct Canvas {
    std::size_t columns = 80;
    std::size_t rows = 24;
    bool utf8 = true;
};

/// Puts pieces onto one line: nothing beyond the right edge, nothing but what a terminal takes.
class LineWriter {
  public:
    explicit LineWriter(const Canvas& canvas) : canvas_(canvas) {}

    /// At this column, cut to `width` columns; 0: up to the edge.
    void put(std::size_t column, std::string_view text, Paint paint = Paint::plain,
             std::size_t width = 0);
    /// The same with its end at column + width.
    void put_right(std::size_t column, std::size_t width, std::string_view text,
                   Paint paint = Paint::plain);
    /// Behind what is there, two blanks apart; false, and nothing done, where it does not fit.
    bool add(std::string_view text, Paint paint = Paint::plain);
    /// The same, cut where it does not fit.
    void add_cut(std::string_view text, Paint paint = Paint::plain);
    std::size_t end() const { return end_; }
    Line take() { return std::move(line_); }

  private:
    const Canvas& canvas_;
    Line line_;
    std::size_t end_ = 0;
};

/// The text as this terminal can show it: harmless, and with "?" for what ASCII lacks.
std::string shown(const Canvas& canvas, std::string_view text);
/// A bar of `width` columns, `share` of it full.
std::string bar(const Canvas& canvas, double share, std::size_t width);
/// The last `width` values as a row of columns of their height.
std::string sparkline(const Canvas& canvas, const std::deque<double>& values, std::size_t width);

}  // namespace pwlog
