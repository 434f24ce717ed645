// SPDX-License-Identifier: MIT
#include "document/document.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace pwlog {

std::string index_name(Family family, Timestamp time) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("powerwalker-{}-{:04}.{:02}",
                       family == Family::metrics ? "metrics" : "events",
                       static_cast<int>(date.year()), static_cast<unsigned>(date.month()));
}

std::string format_time(Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

}  // namespace pwlog
