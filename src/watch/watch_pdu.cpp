// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "terminal/terminal_text.h"
#include "watch/shown_value.h"
#include "watch/watch_layout.h"

namespace pwlog {

namespace {

constexpr std::string_view none = "-";

/// The columns of the outlets' table; 0 = not shown.
struct Columns {
    std::size_t name = 0;
    std::size_t power = 0;
    std::size_t state = 0;
    std::size_t current = 0;
    std::size_t apparent = 0;
    std::size_t factor = 0;
    std::size_t bar = 0;
    std::size_t history = 0;
};

/// What a terminal of this width has room for, the most important first.
Columns fit(const DeviceView& pdu, std::size_t columns) {
    constexpr std::size_t number = 4;  // "  8 "
    Columns widths;
    std::size_t left = columns - std::min(columns, number);
    const auto take = [&left](std::size_t& width, std::size_t wanted) {
        if (left > wanted) {
            width = wanted;
            left -= wanted + 1;
        }
    };
    take(widths.power, 7);
    take(widths.name, 8);
    std::size_t state = 13;
    for (const auto& outlet : pdu.outlets) {
        state = std::max(state, text_width(state_words(outlet)));
    }
    take(widths.state, state);
    take(widths.current, 7);
    take(widths.history, 8);
    take(widths.apparent, 8);
    take(widths.factor, 5);
    take(widths.bar, 8);
    std::size_t longest = 8;
    for (const auto& outlet : pdu.outlets) {
        longest = std::max(longest, text_width(outlet.name()));
    }
    const std::size_t wider = std::min({left, longest - std::size_t{8}, std::size_t{20}});
    widths.name += widths.name > 0 ? wider : 0;
    left -= widths.name > 0 ? wider : 0;
    const std::size_t longer = widths.bar > 0 ? std::min(left / 3, std::size_t{22}) : 0;
    widths.bar += longer;
    widths.history += widths.history > 0 ? std::min(left - longer, std::size_t{52}) : 0;
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

std::string number_text(const OutletView& outlet, Field field, int decimals) {
    const auto value = outlet.values.number(field);
    return value ? fmt::format("{:.{}f}", *value, decimals) : std::string(none);
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

/// Calls `put` with each column that is shown: where it begins and how wide it is.
struct Cursor {
    std::size_t at = 4;

    template <class Put>
    void next(std::size_t width, const Put& put) {
        if (width > 0) {
            put(at, width);
            at += width + 1;
        }
    }
};

Line heading(const DeviceView& pdu, const Columns& widths, const Canvas& canvas) {
    LineWriter line(canvas);
    Cursor cursor;
    const auto left = [&line](const std::string& text) {
        return [&line, text](std::size_t at, std::size_t width) {
            line.put(at, text, Paint::faint, width);
        };
    };
    const auto right = [&line](const char* text) {
        return [&line, text](std::size_t at, std::size_t width) {
            line.put_right(at, width, text, Paint::faint);
        };
    };
    line.put(2, "#", Paint::faint);
    cursor.next(widths.name, left("outlet"));
    cursor.next(widths.state, left("state"));
    cursor.next(widths.power, right("W"));
    cursor.next(widths.apparent, right("VA"));
    cursor.next(widths.current, right("A"));
    cursor.next(widths.factor, right("PF"));
    cursor.next(widths.bar, left(fmt::format("0-{:.0f} W", bar_scale(pdu))));
    cursor.next(widths.history, right("history"));
    return line.take();
}

Line outlet_line(const OutletView& outlet, const Columns& widths, double scale,
                 const Canvas& canvas) {
    LineWriter line(canvas);
    Cursor cursor;
    const auto right = [&line](const std::string& text, Paint paint = Paint::plain) {
        return [&line, text, paint](std::size_t at, std::size_t width) {
            line.put_right(at, width, text, paint);
        };
    };
    line.put(2, fmt::format("{}", outlet.number()), Paint::faint);
    cursor.next(widths.name, [&](std::size_t at, std::size_t width) {
        line.put(at, outlet.name(), Paint::plain, width);
    });
    cursor.next(widths.state, [&](std::size_t at, std::size_t width) {
        line.put(at, state_words(outlet), paint_of(outlet.state()), width);
    });
    cursor.next(widths.power, right(number_text(outlet, Field::outlet_power_w, 0), Paint::strong));
    cursor.next(widths.apparent, right(number_text(outlet, Field::outlet_power_va, 0)));
    cursor.next(widths.current, right(number_text(outlet, Field::outlet_current_a, 1)));
    cursor.next(widths.factor, right(number_text(outlet, Field::outlet_power_factor, 2)));
    cursor.next(widths.bar, [&](std::size_t at, std::size_t width) {
        line.put(at, bar(canvas, watts(outlet) / scale, width), Paint::good, width);
    });
    cursor.next(widths.history, [&](std::size_t at, std::size_t width) {
        line.put(at, sparkline(canvas, outlet.power_history, width), Paint::faint, width);
    });
    return line.take();
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
    lines.push_back(heading(pdu, widths, canvas));
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
