// SPDX-License-Identifier: MIT
#include "document/tariff.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <string_view>

namespace pwlog {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::year_month_day;

constexpr minutes day_length = std::chrono::hours(24);
constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

/// What clocks on the wall show.
struct LocalTime {
    year_month_day date;
    std::size_t weekday;  // Sunday = 0
    minutes since_midnight;
    seconds second;
    seconds ahead_of_utc;
};

LocalTime local_time(std::chrono::sys_seconds time) {
    // std::chrono has no time zones in this compiler.
    const auto since_epoch = static_cast<std::time_t>(time.time_since_epoch().count());
    std::tm local{};
    localtime_r(&since_epoch, &local);
    constexpr int first_year = 1900;
    return {std::chrono::year(local.tm_year + first_year) /
                std::chrono::month(static_cast<unsigned>(local.tm_mon + 1)) /
                std::chrono::day(static_cast<unsigned>(local.tm_mday)),
            static_cast<std::size_t>(local.tm_wday),
            std::chrono::hours(local.tm_hour) + minutes(local.tm_min), seconds(local.tm_sec),
            seconds(local.tm_gmtoff)};
}

bool holds(const TariffBand& band, const LocalTime& time) {
    const bool today = band.days.at(time.weekday);
    if (band.from < band.until) {
        return today && band.from <= time.since_midnight && time.since_midnight < band.until;
    }
    const bool yesterday = band.days.at((time.weekday + band.days.size() - 1) % band.days.size());
    return (today && band.from <= time.since_midnight) ||
           (yesterday && time.since_midnight < band.until);
}

std::optional<double> price_at(const Tariff& tariff, const LocalTime& time) {
    const TariffPeriod* valid = nullptr;
    for (const auto& period : tariff.periods) {
        if (!period.from || *period.from <= time.date) {
            valid = &period;
        }
    }
    if (valid == nullptr) {
        return std::nullopt;
    }
    const auto band = std::find_if(valid->bands.begin(), valid->bands.end(),
                                   [&](const TariffBand& each) { return holds(each, time); });
    return band == valid->bands.end() ? valid->per_kwh : band->per_kwh;
}

/// Where the price may change next: a band's border or midnight. Clocks are put forward and back on
/// quarter hours; across such a change it is the next of those.
std::chrono::sys_seconds next_border(const Tariff& tariff, std::chrono::sys_seconds time,
                                     const LocalTime& local) {
    minutes border = day_length;
    const auto consider = [&](minutes candidate) {
        if (candidate > local.since_midnight) {
            border = std::min(border, candidate);
        }
    };
    for (const auto& period : tariff.periods) {
        for (const auto& band : period.bands) {
            consider(band.from);
            consider(band.until);
        }
    }
    const auto next =
        std::max(time + seconds(1), time + (border - local.since_midnight) - local.second);
    if (local_time(next).ahead_of_utc == local.ahead_of_utc) {
        return next;
    }
    using Quarters = std::chrono::duration<std::int64_t, std::ratio<900>>;
    return std::min<std::chrono::sys_seconds>(next,
                                              std::chrono::floor<Quarters>(time) + Quarters(1));
}

bool is_flat(const Tariff& tariff) {
    return tariff.periods.size() == 1 && !tariff.periods.front().from &&
           tariff.periods.front().bands.empty();
}

std::string to_text(minutes since_midnight) {
    return fmt::format("{:02}:{:02}", since_midnight / std::chrono::hours(1),
                       since_midnight % std::chrono::hours(1) / minutes(1));
}

}  // namespace

Tariff flat_tariff(double per_kwh, std::string currency) {
    return {{TariffPeriod{.per_kwh = per_kwh}}, std::move(currency)};
}

std::optional<double> mean_price(const Tariff& tariff, Timestamp from, Timestamp to) {
    if (is_flat(tariff)) {
        return tariff.periods.front().per_kwh;
    }
    if (from >= to) {
        return price_at(tariff, local_time(std::chrono::floor<seconds>(to)));
    }
    std::chrono::duration<double> priced{};
    double sum = 0;
    for (Timestamp at = from; at < to;) {
        const auto second = std::chrono::floor<seconds>(at);
        const auto local = local_time(second);
        const Timestamp end = std::min<Timestamp>(to, next_border(tariff, second, local));
        const std::chrono::duration<double> length = end - at;
        if (const auto price = price_at(tariff, local)) {
            priced += length;
            sum += *price * length.count();
        }
        at = end;
    }
    const std::chrono::duration<double> whole = to - from;
    return priced.count() > 0 ? std::optional(sum / whole.count()) : std::nullopt;
}

std::string to_text(const Tariff& tariff) {
    std::string text;
    for (const auto& period : tariff.periods) {
        text += text.empty() ? "" : "; ";
        if (period.from) {
            text += fmt::format("from {:04}-{:02}-{:02}: ", static_cast<int>(period.from->year()),
                                static_cast<unsigned>(period.from->month()),
                                static_cast<unsigned>(period.from->day()));
        }
        text += fmt::format("{}", period.per_kwh);
        for (const auto& band : period.bands) {
            text += fmt::format(", {}-{}", to_text(band.from), to_text(band.until));
            for (std::size_t day = 0; day < band.days.size(); ++day) {
                if (band.days.at(day) && band.days != TariffBand{}.days) {
                    text += fmt::format(" {}", day_names.at(day));
                }
            }
            text += fmt::format(" {}", band.per_kwh);
        }
    }
    return tariff.currency.empty() ? text : text + " " + tariff.currency;
}

}  // namespace pwlog
