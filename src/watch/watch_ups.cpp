// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "terminal/terminal_text.h"
#include "watch/shown_value.h"
#include "watch/watch_layout.h"

namespace pwlog {

namespace {

std::string state_words(const DeviceView& ups) {
    const auto on_battery = ups.values.flag(Field::ups_on_battery);
    return !on_battery ? "state unknown" : *on_battery ? "ON BATTERY" : "on line";
}

/// Without the last of them, which is the status in NUT's words.
std::string values_text(const DeviceView& ups, std::size_t count) {
    return fmt::format("{} ({}), {}", state_words(ups), ups.values.text_or_none(Field::ups_status),
                       title_values(ups.values, title_fields(DocumentKind::ups, count)));
}

}  // namespace

void add_ups(const DeviceView& ups, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines) {
    auto title = device_title(ups, model, canvas);
    const bool on_line = ups.values.flag(Field::ups_on_battery) == false;
    title.add(state_words(ups), on_line ? Paint::good : Paint::alarm);
    const bool is_low = ups.values.flag(Field::ups_low_battery) == true;
    add_values(ups, canvas, is_low ? Paint::alarm : Paint::strong, title);
    add_age(ups, model, title);
    lines.push_back(title.take());
    add_troubles(ups, canvas, lines);
}

std::string plain_ups(const DeviceView& ups) { return values_text(ups, 4); }

std::string ups_text(const DeviceView& ups) { return terminal_text(values_text(ups, 3)); }

}  // namespace pwlog
