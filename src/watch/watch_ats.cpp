// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "watch/shown_value.h"
#include "watch/watch_layout.h"

namespace pwlog {

namespace {

std::string role_of(const DeviceView& ats, int source) {
    const bool active = ats.source(Field::ats_active_source) == source;
    return fmt::format("{}{}", active ? "active" : "standby",
                       ats.source(Field::ats_preferred_source) == source ? ", preferred" : "");
}

std::string faults_text(const std::vector<std::string>& faults) {
    return faults.empty() ? std::string("good") : fmt::format("{} bad", fmt::join(faults, ", "));
}

Line source_line(const DeviceView& ats, int number, const Canvas& canvas) {
    constexpr std::size_t role_at = 11;
    constexpr std::size_t narrow = 64;
    const auto index = static_cast<std::size_t>(number) - 1;
    const auto& fields = source_fields.at(index);
    const auto faults = source_faults(ats, index);
    const bool is_active = ats.source(Field::ats_active_source) == number;
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
    line.put_right(volts, 9, shown_value(ats.values, fields.voltage, canvas.utf8), Paint::strong);
    line.put_right(volts + 10, 8, shown_value(ats.values, fields.frequency, canvas.utf8));
    line.add_cut(faults_text(faults), faults.empty() ? Paint::good : Paint::alarm);
    constexpr std::size_t shortest = 10;
    if (wide && faults.empty() && line.end() + 2 + shortest < canvas.columns) {
        constexpr std::size_t history_at = 56;
        line.put(history_at,
                 sparkline(canvas, ats.voltage_history.at(index),
                           std::min<std::size_t>(canvas.columns - history_at, 60)),
                 Paint::faint);
    }
    return line.take();
}

std::string active_words(int source) {
    return source == 0 ? std::string("on NO source") : fmt::format("on source {}", source);
}

}  // namespace

void add_ats(const DeviceView& ats, const WatchModel& model, const Canvas& canvas,
             std::vector<Line>& lines) {
    auto title = device_title(ats, model, canvas);
    const int active = ats.source(Field::ats_active_source);
    title.add(active_words(active), active == 0 ? Paint::alarm : Paint::strong);
    const bool redundant = ats.values.flag(Field::ats_redundant) == true;
    title.add(redundant ? "redundant" : "NOT REDUNDANT", redundant ? Paint::good : Paint::warning);
    add_values(ats, canvas, Paint::plain, title);
    add_age(ats, model, title);
    lines.push_back(title.take());
    add_troubles(ats, canvas, lines);
    lines.push_back(source_line(ats, 1, canvas));
    lines.push_back(source_line(ats, 2, canvas));
}

std::string plain_ats(const DeviceView& ats) {
    const bool redundant = ats.values.flag(Field::ats_redundant) == true;
    std::string text = fmt::format("{}, {}", active_words(ats.source(Field::ats_active_source)),
                                   redundant ? "redundant" : "not redundant");
    for (int number = 1; number <= 2; ++number) {
        const auto index = static_cast<std::size_t>(number) - 1;
        const auto& fields = source_fields.at(index);
        text += fmt::format("; source {} {}, {}, {}", number, role_of(ats, number),
                            title_values(ats.values, {fields.voltage, fields.frequency}),
                            faults_text(source_faults(ats, index)));
    }
    return text + "; " + title_values(ats.values, title_fields(DocumentKind::ats, 3));
}

}  // namespace pwlog
