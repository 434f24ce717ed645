// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "terminal/terminal_text.h"
#include "watch/shown_value.h"
#include "watch/watch_layout.h"

namespace pwlog {

namespace {

constexpr std::string_view none = "-";

/// The columns of the outlets' table, from left to right.
enum Column : std::size_t { name, state, power, apparent, current, factor, load, history, count };
using Widths = std::array<std::size_t, Column::count>;  // 0 = not shown

/// What a terminal of this width has room for, the most important first.
Widths fit(const DeviceView& pdu, std::size_t columns) {
    constexpr std::size_t number = 4;  // "  8 "
    std::size_t longest_state = 13;
    std::size_t longest_name = 8;
    for (const auto& outlet : pdu.outlets) {
        longest_state = std::max(longest_state, text_width(state_words(outlet)));
        longest_name = std::max(longest_name, text_width(outlet.name()));
    }
    const std::array<std::pair<Column, std::size_t>, Column::count> wanted{{{power, 7},
                                                                            {name, 8},
                                                                            {state, longest_state},
                                                                            {current, 7},
                                                                            {history, 8},
                                                                            {apparent, 8},
                                                                            {factor, 5},
                                                                            {load, 8}}};
    Widths widths{};
    std::size_t left = columns - std::min(columns, number);
    for (const auto& [column, width] : wanted) {
        if (left > width) {
            widths[column] = width;
            left -= width + 1;
        }
    }
    const std::size_t wider = std::min({left, longest_name - std::size_t{8}, std::size_t{20}});
    widths[name] += widths[name] > 0 ? wider : 0;
    left -= widths[name] > 0 ? wider : 0;
    const std::size_t longer = widths[load] > 0 ? std::min(left / 3, std::size_t{22}) : 0;
    widths[load] += longer;
    widths[history] += widths[history] > 0 ? std::min(left - longer, std::size_t{52}) : 0;
    return widths;
}

Paint paint_of(const std::string& state) {
    if (state == "on") {
        return Paint::good;
    }
    if (state == "off") {
        return Paint::faint;
    }
    return state == "overload" || state == "locked" ? Paint::alarm : Paint::warning;
}

double watts(const OutletView& outlet) {
    return outlet.values.number(Field::outlet_power_w).value_or(0);
}

/// A round number at or above the largest load: the bars' full length.
double bar_scale(const DeviceView& pdu) {
    double largest = 0;
    for (const auto& outlet : pdu.outlets) {
        largest = std::max(largest, watts(outlet));
    }
    constexpr std::array<double, 8> rounds{50, 100, 200, 500, 1000, 2000, 3000, 3680};
    const auto* const found = std::lower_bound(rounds.begin(), rounds.end(), largest);
    return found == rounds.end() ? largest : *found;
}

struct Cell {
    std::string text;
    Paint paint = Paint::faint;
    bool right = false;
};

Line row_line(const std::string& number, const std::array<Cell, Column::count>& cells,
              const Widths& widths, const Canvas& canvas) {
    LineWriter line(canvas);
    line.put(2, number, Paint::faint);
    std::size_t at = 4;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto& [text, paint, right] = cells[i];
        if (widths[i] > 0 && right) {
            line.put_right(at, widths[i], text, paint);
        } else if (widths[i] > 0) {
            line.put(at, text, paint, widths[i]);
        }
        at += widths[i] > 0 ? widths[i] + 1 : 0;
    }
    return line.take();
}

Line heading(double scale, const Widths& widths, const Canvas& canvas) {
    constexpr auto faint = Paint::faint;
    return row_line("#",
                    {{{"outlet"},
                      {"state"},
                      {"W", faint, true},
                      {"VA", faint, true},
                      {"A", faint, true},
                      {"PF", faint, true},
                      {fmt::format("0-{:.0f} W", scale)},
                      {"history", faint, true}}},
                    widths, canvas);
}

Line outlet_line(const OutletView& outlet, const Widths& widths, double scale,
                 const Canvas& canvas) {
    const auto number = [&outlet](Field field, int decimals, Paint paint = Paint::plain) {
        const auto value = outlet.values.number(field);
        return Cell{value ? fmt::format("{:.{}f}", *value, decimals) : std::string(none), paint,
                    true};
    };
    return row_line(fmt::format("{}", outlet.number()),
                    {{{outlet.name(), Paint::plain},
                      {state_words(outlet), paint_of(outlet.state())},
                      number(Field::outlet_power_w, 0, Paint::strong),
                      number(Field::outlet_power_va, 0),
                      number(Field::outlet_current_a, 1),
                      number(Field::outlet_power_factor, 2),
                      {bar(canvas, watts(outlet) / scale, widths[load]), Paint::good},
                      {sparkline(canvas, outlet.power_history, widths[history])}}},
                    widths, canvas);
}

}  // namespace

std::string state_words(const OutletView& outlet) {
    const auto state = outlet.state();
    const auto in = [&outlet](std::string_view what, Field field, std::string_view over) {
        const double seconds = outlet.values.number(field).value_or(0);
        return seconds > 0 ? fmt::format("{} in {:.0f} s", what, seconds) : std::string(over);
    };
    if (state == "shutdown_active" || state == "shutdown_imminent") {
        return in("off", Field::outlet_shutdown_s,
                  state == "shutdown_active" ? "shutdown active" : "shutdown imminent");
    }
    if (state == "restore_active") {
        return in("on", Field::outlet_restore_s, "restore active");
    }
    return state.empty() ? std::string(none) : state;
}

void add_pdu(const DeviceView& pdu, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines) {
    auto title = device_title(pdu, model, canvas);
    add_values(pdu, canvas, Paint::strong, title);
    add_age(pdu, model, title);
    lines.push_back(title.take());
    add_troubles(pdu, canvas, lines);
    const auto widths = fit(pdu, canvas.columns);
    const double scale = bar_scale(pdu);
    lines.push_back(heading(scale, widths, canvas));
    for (const auto& outlet : pdu.outlets) {
        lines.push_back(outlet_line(outlet, widths, scale, canvas));
    }
}

std::string plain_pdu(const DeviceView& pdu) {
    std::string text = title_values(pdu.values, title_fields(DocumentKind::pdu, 6));
    for (const auto& outlet : pdu.outlets) {
        text += fmt::format("; {} {} {} {}", outlet.number(), outlet.name(), state_words(outlet),
                            shown_value(outlet.values, Field::outlet_power_w, false));
    }
    return text;
}

}  // namespace pwlog
