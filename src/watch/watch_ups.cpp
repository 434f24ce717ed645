// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/text_values.h"
#include "document/document.h"
#include "terminal/terminal_text.h"
#include "watch/watch_layout.h"

namespace pwlog {

namespace {

std::string state_words(const UpsView& ups) {
    return !ups.on_battery ? "state unknown" : *ups.on_battery ? "ON BATTERY" : "on line";
}

std::string percent(const std::optional<double>& share, std::string_view of) {
    return measured(share ? std::optional(*share * 100) : std::nullopt, 0, fmt::format("% {}", of));
}

std::string runtime(const UpsView& ups) {
    return ups.runtime_s
               ? rough_duration(std::chrono::seconds(static_cast<long>(*ups.runtime_s))) + " left"
               : std::string("- left");
}

}  // namespace

void add_ups(const UpsView& ups, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines) {
    auto title = device_title(ups, model, canvas);
    title.add(state_words(ups), ups.on_battery == false ? Paint::good : Paint::alarm);
    title.add(percent(ups.charge, "charge"), ups.low_battery ? Paint::alarm : Paint::strong);
    title.add(percent(ups.load, "load"));
    title.add(runtime(ups));
    title.add(measured(ups.input_v, 1, "V in"));
    title.add(ups.status, Paint::faint);
    add_age(ups, model, title);
    lines.push_back(title.take());
    add_troubles(ups, canvas, lines);
}

std::string values_text(const UpsView& ups) {
    return terminal_text(fmt::format("{} ({}), {}, {}, {}", state_words(ups), ups.status,
                                     percent(ups.charge, "charge"), percent(ups.load, "load"),
                                     runtime(ups)));
}

std::string plain_line(const UpsView& ups) {
    return terminal_text(
        fmt::format("{} {}: {}, {}; {}", ups.sampled ? format_time(*ups.sampled) : "-", ups.id,
                    values_text(ups), measured(ups.input_v, 1, "V in"),
                    ups.alarms.empty() ? std::string("no alarms")
                                       : fmt::format("ALARM: {}", fmt::join(ups.alarms, ", "))));
}

}  // namespace pwlog
