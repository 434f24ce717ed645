// SPDX-License-Identifier: MIT
#include "backfill/map/time_format.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/printable.h"
#include "base/timestamp_text.h"
#include "document/document.h"

namespace pwlog {
namespace {

constexpr std::string_view excel = "excel";

using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The parts of a time, as far as they were said.
struct Parts {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millisecond = 0;
    bool afternoon = false;
    bool twelve_hours = false;
    std::optional<int> offset_minutes;
    std::optional<std::int64_t> epoch_seconds;
};

class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool take(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    bool number(std::size_t most_digits, int& value) {
        std::size_t count = 0;
        value = 0;
        while (count < most_digits && !rest_.empty() && rest_.front() >= '0' &&
               rest_.front() <= '9') {
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
            ++count;
        }
        return count > 0;
    }
    bool fraction(int& milliseconds) {
        int weight = 100;
        milliseconds = 0;
        std::size_t count = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            milliseconds += (rest_.front() - '0') * weight;
            weight /= 10;
            rest_.remove_prefix(1);
            ++count;
        }
        return count > 0 && count <= 9;
    }
    bool month_name(int& month) {
        for (std::size_t i = 0; i < months.size(); ++i) {
            if (rest_.starts_with(months[i])) {
                rest_.remove_prefix(3);
                month = static_cast<int>(i) + 1;
                return true;
            }
        }
        return false;
    }
    bool half_day(bool& afternoon) {
        afternoon = rest_.starts_with("PM") || rest_.starts_with("pm");
        const bool known = afternoon || rest_.starts_with("AM") || rest_.starts_with("am");
        rest_.remove_prefix(known ? 2 : 0);
        return known;
    }
    bool offset(std::optional<int>& minutes) {
        if (take('Z')) {
            minutes = 0;
            return true;
        }
        const bool west = take('-');
        int hours = 0;
        int rest = 0;
        if ((!west && !take('+')) || !number(2, hours)) {
            return false;
        }
        take(':');
        number(2, rest);
        minutes = (west ? -1 : 1) * (hours * 60 + rest);
        return true;
    }
    bool epoch(std::optional<std::int64_t>& seconds) {
        std::int64_t value = 0;
        const auto [end, code] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
        if (code != std::errc{}) {
            return false;
        }
        rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
        seconds = value;
        return true;
    }
    bool empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

bool read_part(Reader& reader, char letter, Parts& parts) {
    switch (letter) {
        case 'Y':
            return reader.number(4, parts.year);
        case 'y':
            return reader.number(2, parts.year) && (parts.year += 2000, true);
        case 'm':
            return reader.number(2, parts.month);
        case 'd':
            return reader.number(2, parts.day);
        case 'b':
            return reader.month_name(parts.month);
        case 'H':
            return reader.number(2, parts.hour);
        case 'I':
            parts.twelve_hours = true;
            return reader.number(2, parts.hour);
        case 'p':
            return reader.half_day(parts.afternoon);
        case 'M':
            return reader.number(2, parts.minute);
        case 'S':
            return reader.number(2, parts.second);
        case 'f':
            return reader.fraction(parts.millisecond);
        case 'z':
            return reader.offset(parts.offset_minutes);
        case 's':
            return reader.epoch(parts.epoch_seconds);
        default:
            return reader.take(letter);
    }
}

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

/// None: it is not written by this pattern.
std::optional<Result<Timestamp>> to_time(Parts parts, const TimeZone& zone) {
    if (parts.epoch_seconds) {
        return Result<Timestamp>(Timestamp(std::chrono::seconds(*parts.epoch_seconds)) +
                                 std::chrono::milliseconds(parts.millisecond));
    }
    if (parts.twelve_hours) {
        parts.hour = parts.hour % 12 + (parts.afternoon ? 12 : 0);
    }
    const std::chrono::year_month_day date(std::chrono::year(parts.year),
                                           std::chrono::month(static_cast<unsigned>(parts.month)),
                                           std::chrono::day(static_cast<unsigned>(parts.day)));
    if (!date.ok() || parts.year < 1970 || parts.hour > 23 || parts.minute > 59 ||
        parts.second > 59) {
        return std::nullopt;
    }
    const LocalTime local = LocalTime(std::chrono::local_days(date)) +
                            std::chrono::hours(parts.hour) + std::chrono::minutes(parts.minute) +
                            std::chrono::seconds(parts.second) +
                            std::chrono::milliseconds(parts.millisecond);
    return parts.offset_minutes ? Result<Timestamp>(Timestamp(local.time_since_epoch()) -
                                                    std::chrono::minutes(*parts.offset_minutes))
                                : to_utc(zone, local);
}

std::optional<Result<Timestamp>> read_pattern(std::string_view text, std::string_view pattern,
                                              const TimeZone& zone) {
    Parts parts;
    Reader reader(text);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool part = pattern[i] == '%' && i + 1 < pattern.size() && pattern[i + 1] != '%';
        i += pattern[i] == '%' && i + 1 < pattern.size() ? 1 : 0;
        if (part ? !read_part(reader, pattern[i], parts) : !reader.take(pattern[i])) {
            return std::nullopt;
        }
    }
    return reader.empty() ? to_time(parts, zone) : std::nullopt;
}

// The days of Excel and of most other tables; 1899-12-30, since theirs counts a day that never was.
Result<Timestamp> read_excel(std::string_view text, const TimeZone& zone) {
    double days = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), days);
    constexpr double most_days = 3e6;  // 9999
    if (code != std::errc{} || end != text.data() + text.size() || !(days > 0) ||
        days > most_days) {
        return unknown(text);
    }
    constexpr double day_s = 86400;  // finer than a second is what is left over of a fraction
    const std::chrono::seconds whole(std::llround(days * day_s));
    return to_utc(zone,
                  LocalTime(std::chrono::local_days(std::chrono::year(1899) / 12 / 30)) + whole);
}

// The size tells the unit: seconds have ten digits from 2001 to 2286.
std::optional<Timestamp> read_epoch(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size() || value <= 0) {
        return parse_epoch_seconds(text);
    }
    constexpr std::int64_t seconds_below = 100'000'000'000;
    if (value < seconds_below) {
        return Timestamp(std::chrono::seconds(value));
    }
    std::int64_t milliseconds = value;
    while (milliseconds >= seconds_below * 1000) {
        milliseconds /= 1000;
    }
    return Timestamp(std::chrono::milliseconds(milliseconds));
}

// 20261122, 202611221704 and 20261122170405 would be in the seventies as seconds or microseconds.
Result<Timestamp> read_digits(std::string_view text, const TimeZone& zone) {
    const auto pattern = text.size() == 8    ? std::string_view("%Y%m%d")
                         : text.size() == 12 ? std::string_view("%Y%m%d%H%M")
                         : text.size() == 14 ? std::string_view("%Y%m%d%H%M%S")
                                             : std::string_view();
    const auto date = pattern.empty() || !(text.starts_with("20") || text.starts_with("19"))
                          ? std::nullopt
                          : read_pattern(text, pattern, zone);
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
    TimeFormat format;
    format.pattern_ = std::move(pattern);
    format.zone_ = std::move(zone);
    return format;
}

Result<Timestamp> TimeFormat::parse(std::string_view text) const {
    if (pattern_ == excel) {
        return read_excel(text, zone_);
    }
    if (!pattern_.empty()) {
        const auto time = read_pattern(text, pattern_, zone_);
        return time ? *time
                    : fail(ErrorKind::invalid, fmt::format("'{}' is not written as --time-format "
                                                           "{}",
                                                           printable(text, 40), pattern_));
    }
    if (const auto time = parse_rfc3339(text)) {
        return *time;
    }
    constexpr std::array<std::string_view, 10> patterns{
        "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S",       "%Y-%m-%d %H:%M:%S.%f",
        "%Y-%m-%d %H:%M:%S",    "%Y-%m-%d %H:%M",          "%d.%m.%Y %H:%M:%S",
        "%d.%m.%Y %H:%M",       "%b %d, %Y @ %H:%M:%S.%f", "%b %d, %Y @ %H:%M:%S",
        "%Y/%m/%d %H:%M:%S",
    };
    const bool has_parts = text.find_first_not_of("0123456789") != text.npos;
    for (const auto pattern : patterns) {
        const auto time = has_parts ? read_pattern(text, pattern, zone_) : std::nullopt;
        if (time) {
            return *time;
        }
    }
    if (text.size() > 6 && text.substr(0, 6).find('/') != text.npos) {
        return fail(ErrorKind::invalid,
                    fmt::format("'{}': month or day first? Say it with --time-format "
                                "'%m/%d/%Y %H:%M' or '%d/%m/%Y %H:%M'",
                                printable(text, 40)));
    }
    return read_digits(text, zone_);
}

}  // namespace pwlog
