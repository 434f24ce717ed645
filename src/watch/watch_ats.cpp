// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "document/document.h"
#include "terminal/terminal_text.h"
#include "watch/watch_layout.h"

namespace pwlog {

namespace {

std::optional<double> percent(const std::optional<double>& share) {
    return share ? std::optional(*share * 100) : std::nullopt;
}

std::string role_of(const AtsView& ats, int source) {
    std::string role = ats.active == source ? "active" : "standby";
    return ats.preferred == source ? role + ", preferred" : role;
}

std::string faults_of(const SourceView& source) {
    return source.faults.empty() ? std::string("good")
                                 : fmt::format("{} bad", fmt::join(source.faults, ", "));
}

Line source_line(const AtsView& ats, int number, const Canvas& canvas) {
    constexpr std::size_t role_at = 11;
    constexpr std::size_t narrow = 64;
    const auto& source = ats.sources.at(static_cast<std::size_t>(number) - 1);
    const bool is_active = ats.active == number;
    LineWriter line(canvas);
    const bool wide = canvas.columns >= narrow;
    line.put(2, fmt::format("{}{}", wide ? "source " : "", number));
    const std::size_t role = wide ? role_at : 4;
    line.put(role,
             wide        ? role_of(ats, number)
             : is_active ? "active"
                         : "standby",
             is_active ? Paint::good : Paint::faint);
    const std::size_t volts = wide ? role + 17 : role + 8;
    line.put_right(volts, 9, measured(source.voltage_v, 1, "V"), Paint::strong);
    line.put_right(volts + 10, 8, measured(source.frequency_hz, 1, "Hz"));
    line.add_cut(faults_of(source), source.faults.empty() ? Paint::good : Paint::alarm);
    constexpr std::size_t shortest = 10;
    if (wide && source.faults.empty() && line.end() + 2 + shortest < canvas.columns) {
        constexpr std::size_t history_at = 56;
        line.put(history_at,
                 sparkline(canvas, source.voltage_history,
                           std::min<std::size_t>(canvas.columns - history_at, 60)),
                 Paint::faint);
    }
    return line.take();
}

std::string active_words(const AtsView& ats) {
    return ats.active == 0 ? std::string("on NO source") : fmt::format("on source {}", ats.active);
}

}  // namespace

void add_ats(const AtsView& ats, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines) {
    auto title = device_title(ats, model, canvas);
    title.add(active_words(ats), ats.active == 0 ? Paint::alarm : Paint::strong);
    title.add(ats.redundant ? "redundant" : "NOT REDUNDANT",
              ats.redundant ? Paint::good : Paint::warning);
    title.add(measured(percent(ats.load), 0, "% load"));
    title.add(measured(ats.output_a, 1, "A"));
    title.add(measured(ats.temperature_c, 1, celsius(canvas)));
    if (ats.sync_angle_deg) {
        title.add(fmt::format("angle {:.0f}{}", *ats.sync_angle_deg, degrees(canvas)));
    }
    add_age(ats, model, title);
    lines.push_back(title.take());
    add_troubles(ats, canvas, lines);
    lines.push_back(source_line(ats, 1, canvas));
    lines.push_back(source_line(ats, 2, canvas));
}

std::string plain_line(const AtsView& ats) {
    std::string text =
        fmt::format("{} {}: {}, {}", ats.sampled ? format_time(*ats.sampled) : "-", ats.id,
                    active_words(ats), ats.redundant ? "redundant" : "not redundant");
    for (int number = 1; number <= 2; ++number) {
        const auto& source = ats.sources.at(static_cast<std::size_t>(number) - 1);
        text += fmt::format("; source {} {}, {}, {}, {}", number, role_of(ats, number),
                            measured(source.voltage_v, 1, "V"),
                            measured(source.frequency_hz, 1, "Hz"), faults_of(source));
    }
    text += fmt::format("; {}, {}, {}", measured(percent(ats.load), 0, "% load"),
                        measured(ats.output_a, 1, "A"), measured(ats.temperature_c, 1, "C"));
    return terminal_text(text + (ats.alarms.empty()
                                     ? "; no alarms"
                                     : fmt::format("; ALARM: {}", fmt::join(ats.alarms, ", "))));
}

}  // namespace pwlog
