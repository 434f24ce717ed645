#include "cli/text_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <limits>

#include "backfill/timestamp_text.h"

namespace pwlog {

namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Largest first: the texts below pick the first that divides.
constexpr std::array<Unit, 7> duration_units{{
    {"y", 365ULL * 24 * 3600 * 1000},
    {"d", 24ULL * 3600 * 1000},
    {"h", 3600ULL * 1000},
    {"min", 60ULL * 1000},
    {"m", 60ULL * 1000},
    {"s", 1000},
    {"ms", 1},
}};

constexpr std::array<Unit, 9> size_units{{
    {"TiB", 1ULL << 40U},
    {"GiB", 1ULL << 30U},
    {"MiB", 1ULL << 20U},
    {"KiB", 1ULL << 10U},
    {"TB", 1'000'000'000'000},
    {"GB", 1'000'000'000},
    {"MB", 1'000'000},
    {"kB", 1000},
    {"B", 1},
}};

template <std::size_t count>
std::optional<std::uint64_t> parse_with_unit(std::string_view text,
                                             const std::array<Unit, count>& units) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view name(rest, static_cast<std::size_t>(end - rest));
    for (const Unit& unit : units) {
        if (name == unit.name) {
            constexpr auto most =
                static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
            return number <= most / unit.factor ? std::optional(number * unit.factor)
                                                : std::nullopt;
        }
    }
    return std::nullopt;
}

template <std::size_t count>
std::string with_unit(std::uint64_t number, const std::array<Unit, count>& units) {
    for (const Unit& unit : units) {
        if (number != 0 && number % unit.factor == 0) {
            return fmt::format("{}{}", number / unit.factor, unit.name);
        }
    }
    return fmt::format("{}{}", number, units.back().name);
}

/// Digits only, all of them, within the range.
std::optional<int> parse_field(std::string_view digits, int least, int most) {
    int number = 0;
    const char* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, number);
    const bool good = error == std::errc{} && rest == end && digits.front() != '-';
    return good && number >= least && number <= most ? std::optional(number) : std::nullopt;
}

/// "2026-11-22", "2026-11-22 17:04", "2026-11-22T17:04:05".
std::optional<std::tm> parse_local(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00 00:00:00";
    if (text.size() != 10 && text.size() != 16 && text.size() != 19) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool separator = shape[i] != '0';
        if (separator && text[i] != shape[i] && !(i == 10 && text[i] == 'T')) {
            return std::nullopt;
        }
    }
    const auto field = [text](std::size_t at, std::size_t size, int least, int most) {
        return at >= text.size() ? std::optional(0)
                                 : parse_field(text.substr(at, size), least, most);
    };
    const auto year = field(0, 4, 1970, 9999);
    const auto month = field(5, 2, 1, 12);
    const auto day = field(8, 2, 1, 31);
    const auto hour = field(11, 2, 0, 23);
    const auto minute = field(14, 2, 0, 59);
    const auto second = field(17, 2, 0, 59);
    if (!year || !month || !day || !hour || !minute || !second) {
        return std::nullopt;
    }
    std::tm local{};
    local.tm_year = *year - 1900;
    local.tm_mon = *month - 1;
    local.tm_mday = *day;
    local.tm_hour = *hour;
    local.tm_min = *minute;
    local.tm_sec = *second;
    local.tm_isdst = -1;  // to be found out
    return local;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto number = parse_with_unit(text, duration_units);
    if (!number) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(static_cast<std::int64_t>(*number));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse_with_unit(text, size_units);
}

std::optional<Timestamp> parse_moment(std::string_view text, Timestamp now) {
    if (const auto ago = parse_duration(text)) {
        return now - *ago;
    }
    if (const auto exact = parse_rfc3339(text)) {
        return exact;
    }
    auto local = parse_local(text);
    if (!local) {
        return std::nullopt;
    }
    const int day = local->tm_mday;
    const std::time_t seconds = std::mktime(&*local);
    if (seconds == -1 || local->tm_mday != day) {  // February 30th
        return std::nullopt;
    }
    return Timestamp(std::chrono::seconds(seconds));
}

std::string rough_duration(std::chrono::milliseconds duration) {
    const auto seconds = std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::seconds>(duration).count());
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    if (seconds < 2 * minute) {
        return fmt::format("{} s", seconds);
    }
    if (seconds < 2 * hour) {
        return fmt::format("{} min", seconds / minute);
    }
    return seconds < 2 * day ? fmt::format("{} h", seconds / hour)
                             : fmt::format("{} d", seconds / day);
}

std::string duration_text(std::chrono::milliseconds duration) {
    return duration.count() == 0
               ? "0s"
               : with_unit(static_cast<std::uint64_t>(duration.count()), duration_units);
}

std::string size_text(std::uint64_t bytes) { return with_unit(bytes, size_units); }

}  // namespace pwlog
