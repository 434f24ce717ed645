// SPDX-License-Identifier: MIT
#include "document/document.h"

#include <fmt/format.h>

#include <algorithm>

namespace pwlog {

std::string index_name(Family family, Timestamp time) {
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
    return fmt::format("powerwalker-{}-{:04}.{:02}",
                       family == Family::metrics ? "metrics" : "events",
                       static_cast<int>(date.year()), static_cast<unsigned>(date.month()));
}

// As every document needs it: digit by digit.
std::string format_time(Timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    std::string text = "0000-00-00T00:00:00.000Z";
    const auto put = [&](std::size_t begin, std::size_t end, std::int64_t number) {
        for (; end > begin; number /= 10) {
            text[--end] = static_cast<char>('0' + number % 10);
        }
    };
    put(0, 4, std::clamp(static_cast<int>(date.year()), 0, 9999));
    put(5, 7, static_cast<unsigned>(date.month()));
    put(8, 10, static_cast<unsigned>(date.day()));
    put(11, 13, clock.hours().count());
    put(14, 16, clock.minutes().count());
    put(17, 19, clock.seconds().count());
    put(20, 23, clock.subseconds().count());
    return text;
}

}  // namespace pwlog
