// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace pwlog {

/// A price that holds at some hours of some days.
struct TariffBand {
    double per_kwh = 0;
    std::chrono::minutes from{};   ///< since midnight
    std::chrono::minutes until{};  ///< up to 24:00; not after `from`: on the next day
    /// On which the band begins, Sunday first.
    std::array<bool, 7> days{true, true, true, true, true, true, true};
};

/// The prices from one date on.
struct TariffPeriod {
    double per_kwh = 0;                                 ///< outside of all bands
    std::optional<std::chrono::year_month_day> from{};  ///< none: since ever
    std::vector<TariffBand> bands{};                    ///< the first that fits counts
};

/// What energy costs. Dates and hours are those of the machine's local time, as a clock on the wall
/// shows them: on the days when it is put forward or back a band is an hour shorter or longer.
struct Tariff {
    std::vector<TariffPeriod> periods;  ///< in order of their dates
    std::string currency{};             ///< ISO 4217, empty where not configured
};

/// One price at all times.
Tariff flat_tariff(double per_kwh, std::string currency = {});

/// The mean price of the time between two moments, by the time each price held in it; none where no
/// price held at all. Time without a price counts as costing nothing.
std::optional<double> mean_price(const Tariff& tariff, Timestamp from, Timestamp to);

/// `0.31 EUR`, or in full where there is more to say: what a changed tariff is compared by.
std::string to_text(const Tariff& tariff);

}  // namespace pwlog
