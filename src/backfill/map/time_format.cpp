// SPDX-License-Identifier: MIT
#include "backfill/map/time_format.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "base/parse_number.h"
#include "base/printable.h"
#include "base/timestamp_text.h"
#include "document/document.h"

namespace pwlog {
namespace {

constexpr std::string_view excel = "excel";

using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

Result<Timestamp> unknown(std::string_view text) {
    return fail(
        ErrorKind::invalid,
        fmt::format("'{}' is not in a known time format; give --time-format", printable(text, 40)));
}

Result<Timestamp> to_utc(const TimeZone& zone, LocalTime local) {
    const auto time = zone.to_utc(local);
    if (!time) {
        return fail(ErrorKind::invalid,
                    fmt::format("{} is left out in this time zone, clocks are put forward then; "
                                "is --time-zone right?",
                                format_time(Timestamp(local.time_since_epoch())).substr(0, 19)));
    }
    return *time;
}

/// As absl has it: `%Y` are four digits, `%f` as many as there are.
std::string absl_format(std::string_view pattern) {
    std::string format;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        format += pattern[i];
        if (pattern[i] == '%' && ++i < pattern.size()) {
            format += pattern[i] == 'Y' ? "E4Y" : pattern[i] == 'f' ? "E*f" : pattern.substr(i, 1);
        }
    }
    return format;
}

constexpr std::array<const char*, 3> zoned{"%z", "%Ez", "%s"};

/// None: it is not written so.
std::optional<Result<Timestamp>> read_format(std::string_view text, const std::string& format,
                                             const TimeZone& zone) {
    absl::Time time;
    const absl::string_view said(text.data(), text.size());
    if (!absl::ParseTime(format, said, absl::UTCTimeZone(), &time, nullptr) ||
        time < absl::UnixEpoch() || time == absl::InfiniteFuture()) {
        return std::nullopt;
    }
    const Timestamp utc(std::chrono::milliseconds(absl::ToUnixMillis(time)));
    const bool has_zone =
        format.ends_with("UTC") || std::any_of(zoned.begin(), zoned.end(), [&](const char* letter) {
            return format.find(letter) != format.npos;
        });
    return has_zone ? Result<Timestamp>(utc) : to_utc(zone, LocalTime(utc.time_since_epoch()));
}

// Of seconds: `2026-11-01 00:00:00,123`.
std::string with_decimal_point(std::string_view text) {
    std::string point(text);
    const auto comma = text.rfind(',');
    constexpr std::size_t seconds = 3;  // `:00`
    if (comma != text.npos && comma >= seconds && text[comma - seconds] == ':' &&
        comma + 1 < text.size()) {
        point[comma] = '.';
    }
    return point;
}

// What stands behind day and month in `11/13/2026, 9:05:00 PM`.
std::string format_of_clock(std::string_view text) {
    const bool half_days = text.ends_with('M') || text.ends_with('m');
    const std::array<const char*, 4> clock{half_days ? "%I" : "%H", "%M", "%S", "%f"};
    text.remove_prefix(text.rfind('/') + 1);
    const auto year = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string format = year == 2 ? "%y" : "%Y";
    text.remove_prefix(year);
    for (std::size_t part = 0; !text.empty();) {
        const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits > 0 && part < clock.size()) {
            format += clock[part++];
        }
        text.remove_prefix(digits);
        if (half_days && text.size() == 2) {
            return format + "%p";
        }
        if (!text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0) {
            return "%Y %H:%M";  // such as a span of time, which no format reads
        }
        format += text.substr(0, 1);
        text.remove_prefix(std::min<std::size_t>(1, text.size()));
    }
    return format;
}

// The days of Excel and of most other tables; 1899-12-30, since theirs counts a day that never was.
Result<Timestamp> read_excel(std::string_view text, const TimeZone& zone) {
    const auto days = parse_number<double>(text);
    constexpr double most_days = 3e6;  // 9999
    if (!days || *days <= 0 || *days > most_days) {
        return unknown(text);
    }
    constexpr double day_s = 86400;  // finer than a second is what is left over of a fraction
    const std::chrono::seconds whole(std::llround(*days * day_s));
    return to_utc(zone,
                  LocalTime(std::chrono::local_days(std::chrono::year(1899) / 12 / 30)) + whole);
}

// The size tells the unit: seconds have ten digits from 2001 to 2286.
std::optional<Timestamp> read_epoch(std::string_view text) {
    const auto value = parse_number<std::int64_t>(text);
    if (!value || *value <= 0) {
        return parse_epoch_seconds(text);
    }
    constexpr std::int64_t seconds_below = 100'000'000'000;
    if (*value < seconds_below) {
        return Timestamp(std::chrono::seconds(*value));
    }
    std::int64_t milliseconds = *value;
    while (milliseconds >= seconds_below * 1000) {
        milliseconds /= 1000;
    }
    return Timestamp(std::chrono::milliseconds(milliseconds));
}

// 20261122, 202611221704 and 20261122170405 would be in the seventies as seconds or microseconds.
Result<Timestamp> read_digits(std::string_view text, const TimeZone& zone) {
    const auto* const format = text.size() == 8    ? "%E4Y%m%d"
                               : text.size() == 12 ? "%E4Y%m%d%H%M"
                               : text.size() == 14 ? "%E4Y%m%d%H%M%S"
                                                   : "";
    const auto date = *format == '\0' || !(text.starts_with("20") || text.starts_with("19"))
                          ? std::nullopt
                          : read_format(text, format, zone);
    if (date) {
        return *date;
    }
    const auto time = read_epoch(text);
    if (!time) {
        return unknown(text);
    }
    constexpr auto year = std::chrono::days(366);
    if (time->time_since_epoch() < year) {  // an uptime, or Excel's days
        return fail(ErrorKind::invalid,
                    fmt::format("'{}' as seconds would be {}; give --time-format ('excel' for "
                                "days since 1900, '%s' for seconds)",
                                printable(text, 40), format_time(*time)));
    }
    return *time;
}

}  // namespace

Result<TimeFormat> TimeFormat::make(std::string pattern, TimeZone zone) {
    constexpr std::string_view known = "YymdbHIpMSfzs%";
    if (pattern != excel && !pattern.empty() && pattern.find('%') == pattern.npos) {
        return fail(ErrorKind::invalid,
                    fmt::format("time format '{}': expected %Y and the like, or excel",
                                printable(pattern, 40)));
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '%' && (++i == pattern.size() || known.find(pattern[i]) == known.npos)) {
            return fail(ErrorKind::invalid,
                        fmt::format("time format '{}': known are %Y %y %m %b %d %H %I %p %M %S %f "
                                    "%z %s %%",
                                    pattern));
        }
    }
    if (pattern.find("%s") != pattern.npos && pattern.find("%f") != pattern.npos) {
        return fail(ErrorKind::invalid,
                    fmt::format("time format '{}': seconds with a fraction are recognised without "
                                "--time-format",
                                printable(pattern, 40)));
    }
    TimeFormat format;
    format.format_ = absl_format(pattern);
    format.pattern_ = std::move(pattern);
    format.zone_ = zone;
    return format;
}

Result<Timestamp> TimeFormat::parse(std::string_view text) const {
    if (pattern_ == excel) {
        return read_excel(text, zone_);
    }
    if (!pattern_.empty()) {
        const auto time = read_format(text, format_, zone_);
        return time ? *time
                    : fail(ErrorKind::invalid, fmt::format("'{}' is not written as --time-format "
                                                           "{}",
                                                           printable(text, 40), pattern_));
    }
    if (are_digits(text)) {
        return read_digits(text, zone_);
    }
    if (const auto time = parse_rfc3339(text)) {
        return *time;
    }
    static const std::array<std::string, 10> formats{
        "%E4Y-%m-%dT%H:%M:%E*S",    "%E4Y-%m-%d %H:%M:%E*S", "%E4Y-%m-%d %H:%M",
        "%d.%m.%E4Y %H:%M:%S",      "%d.%m.%E4Y %H:%M",      "%b %d, %E4Y @ %H:%M:%E*S",
        "%E4Y/%m/%d %H:%M:%E*S",    "%E4Y/%m/%d %H:%M",      "%E4Y-%m-%d %H:%M:%E*S %Ez",
        "%E4Y-%m-%d %H:%M:%E*S UTC"};
    const auto point = with_decimal_point(text);
    for (const auto& format : formats) {
        if (const auto time = read_format(point, format, zone_)) {
            return *time;
        }
    }
    if (text.size() > 6 && text.substr(0, 6).find('/') != text.npos) {
        const auto rest = format_of_clock(text);
        return fail(ErrorKind::invalid,
                    fmt::format("'{0}': month or day first? Say it with --time-format "
                                "'%m/%d/{1}' or '%d/%m/{1}'",
                                printable(text, 40), printable(rest, 40)));
    }
    return read_digits(text, zone_);
}

}  // namespace pwlog
