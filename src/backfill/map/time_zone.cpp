// SPDX-License-Identifier: MIT
#include "backfill/map/time_zone.h"

#include <fmt/format.h>

#include "base/printable.h"
#include "base/timestamp_text.h"

namespace pwlog {
namespace {

// `+01:00`; none: it is no offset.
std::optional<int> fixed_offset_s(const std::string& name) {
    const auto epoch = parse_rfc3339("1970-01-01T00:00:00" + name);
    if (!epoch) {
        return std::nullopt;
    }
    return -static_cast<int>(
        std::chrono::floor<std::chrono::seconds>(epoch->time_since_epoch()).count());
}

bool is_safe_name(const std::string& name) {
    return !name.empty() && name.front() != '/' && name.find("..") == name.npos &&
           name.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-") == name.npos;
}

}  // namespace

Result<TimeZone> TimeZone::open(const std::string& name) {
    if (name == "UTC" || name == "Z") {
        return TimeZone();
    }
    if (const auto offset = fixed_offset_s(name)) {
        return TimeZone(absl::FixedTimeZone(*offset));
    }
    if (!is_safe_name(name)) {
        return fail(ErrorKind::invalid, fmt::format("'{}' is not a time zone: expected one such as "
                                                    "Europe/Berlin, +01:00, UTC or local",
                                                    printable(name, 60)));
    }
    return read_file(name == "local" ? "/etc/localtime" : "/usr/share/zoneinfo/" + name);
}

Result<TimeZone> TimeZone::read_file(const std::string& path) {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(path, &zone)) {
        return fail(ErrorKind::not_found,
                    fmt::format("time zone file {}: there is none that can be read (Debian's "
                                "package is tzdata)",
                                path));
    }
    return TimeZone(zone);
}

std::optional<Timestamp> TimeZone::to_utc(
    std::chrono::local_time<std::chrono::milliseconds> local) const {
    const auto whole = std::chrono::floor<std::chrono::seconds>(local);
    const auto days = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(days);
    const auto at = zone_.At(absl::CivilSecond(int{date.year()}, unsigned{date.month()},
                                               unsigned{date.day()}, 0, 0, (whole - days).count()));
    if (at.kind == absl::TimeZone::TimeInfo::SKIPPED) {
        return std::nullopt;
    }
    // Of a time that comes twice, `pre` is the first.
    return Timestamp(std::chrono::seconds(absl::ToUnixSeconds(at.pre))) + (local - whole);
}

}  // namespace pwlog
