// SPDX-License-Identifier: MIT
#include "config/config_tariff.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/parse_number.h"
#include "config/config_sections.h"

namespace pwlog {

namespace {

constexpr Range<double> prices{0, 1'000'000};
constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};

/// `06:30`, and `24:00` for the day's end.
std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
    constexpr std::string_view shape = "00:00";
    if (text.size() != shape.size() || text[2] != ':') {
        return std::nullopt;
    }
    const auto hour = parse_number<unsigned>(text.substr(0, 2));
    const auto minute = parse_number<unsigned>(text.substr(3));
    if (!hour || !minute || *minute > 59 || *hour > 24 || (*hour == 24 && *minute > 0)) {
        return std::nullopt;
    }
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

void read_time_of_day(TableReader& reader, std::string_view key, std::chrono::minutes& value) {
    std::string text;
    if (reader.find(key) == nullptr) {
        reader.problem(key, fmt::format(R"(is missing: {} = "22:00")", key));
    } else if (reader.read(key, text)) {
        if (const auto time = parse_time_of_day(text)) {
            value = *time;
        } else {
            reader.problem(key, R"(expected a time of day such as "06:30", up to "24:00", got )" +
                                    node_text(*reader.find(key)));
        }
    }
}

void read_price(TableReader& reader, double& price) {
    if (reader.find("per_kwh") == nullptr) {
        reader.problem("per_kwh", "is missing: the price of a kWh, such as per_kwh = 0.31");
    } else {
        reader.read("per_kwh", price, prices);
    }
}

void read_days(TableReader& reader, TariffBand& band) {
    std::vector<std::string> names;
    if (!reader.read_texts("days", names)) {
        return;
    }
    band.days.fill(false);
    for (const auto& name : names) {
        const auto* const day = std::find(day_names.begin(), day_names.end(), name);
        if (day == day_names.end()) {
            reader.problem(
                "days", fmt::format(R"(expected some of "{}")", fmt::join(day_names, R"(", ")")));
            return;
        }
        band.days.at(static_cast<std::size_t>(day - day_names.begin())) = true;
    }
}

TariffBand read_band(const toml::table& table, ConfigProblems& problems) {
    TableReader reader(table, "pdu.tariff.bands", problems);
    TariffBand band;
    read_price(reader, band.per_kwh);
    read_time_of_day(reader, "from", band.from);
    read_time_of_day(reader, "until", band.until);
    if (reader.find("from") != nullptr && reader.find("until") != nullptr &&
        band.from == band.until) {
        reader.problem("until",
                       R"(is the same as from; a whole day is from "00:00" until "24:00")");
    }
    read_days(reader, band);
    finish_section(reader);
    return band;
}

/// `from = 2026-01-01`, without quotes.
void read_date(TableReader& reader, TariffPeriod& period) {
    const auto* node = reader.find("from");
    if (node == nullptr) {
        return;
    }
    const auto* date = node->as_date();
    if (date == nullptr) {
        reader.problem(
            "from", "expected a date without quotes, such as 2026-01-01, got " + node_text(*node));
        return;
    }
    period.from = std::chrono::year(date->get().year) / std::chrono::month(date->get().month) /
                  std::chrono::day(date->get().day);
}

TariffPeriod read_period(const toml::table& table, ConfigProblems& problems) {
    TableReader reader(table, "pdu.tariff", problems);
    TariffPeriod period;
    read_date(reader, period);
    read_price(reader, period.per_kwh);
    for (const auto* band : reader.tables("bands")) {
        period.bands.push_back(read_band(*band, problems));
    }
    finish_section(reader);
    return period;
}

void read_periods(TableReader& pdu, std::optional<Tariff>& tariff, ConfigProblems& problems) {
    tariff.emplace();
    for (const auto* table : pdu.tables("tariff")) {
        auto period = read_period(*table, problems);
        const auto& before = tariff->periods;
        if (!before.empty() && (!period.from || period.from <= before.back().from)) {
            problems.add(place_of(table->source()),
                         "pdu.tariff: expected a date from = … later than that of the section "
                         "before");
        }
        tariff->periods.push_back(std::move(period));
    }
    if (tariff->periods.empty()) {
        tariff.reset();
    }
}

std::string read_currency(TableReader& pdu) {
    constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::string currency;
    if (!pdu.read("currency", currency)) {
        return {};
    }
    if (currency.size() != 3 || currency.find_first_not_of(capitals) != std::string::npos) {
        pdu.problem("currency", R"(expected three capital letters such as "EUR" (ISO 4217), got )" +
                                    node_text(*pdu.find("currency")));
    } else if (pdu.find("tariff") == nullptr) {
        pdu.problem("currency", "needs tariff beside it");
    }
    return currency;
}

}  // namespace

void read_tariff(TableReader& pdu, std::optional<Tariff>& tariff) {
    const std::string currency = read_currency(pdu);
    const auto* node = pdu.find("tariff");
    if (node != nullptr && node->is_array()) {
        read_periods(pdu, tariff, pdu.problems());
    } else if (node != nullptr && node->is_table()) {
        tariff.emplace().periods.push_back(read_period(*node->as_table(), pdu.problems()));
    } else if (double price = 0; pdu.read("tariff", price, prices)) {
        tariff = flat_tariff(price);
    }
    if (tariff) {
        tariff->currency = currency;
    }
}

}  // namespace pwlog
