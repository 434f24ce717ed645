#include "backfill/map/time_zone.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/printable.h"
#include "base/timestamp_text.h"

namespace pwlog {
namespace {

/// RFC 8536, the second block (64-bit times):
///
///     "TZif" version 15 x 0, six counts of 32 bits, big-endian; then for 64-bit data
///     timecnt x 8  transition times
///     timecnt x 1  index into the types
///     typecnt x 6  types: 4 bytes offset, 1 byte is-dst, 1 byte index of the name
struct Header {
    std::uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

constexpr std::size_t header_size = 44;

template <class Number>
Number read_big_endian(std::string_view bytes, std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
    }
    return static_cast<Number>(value);
}

std::optional<Header> read_header(std::string_view bytes) {
    if (bytes.size() < header_size || !bytes.starts_with("TZif") || bytes[4] < '2') {
        return std::nullopt;
    }
    const auto count = [&](std::size_t place) {
        return read_big_endian<std::uint32_t>(bytes, 20 + place * 4);
    };
    return Header{count(0), count(1), count(2), count(3), count(4), count(5)};
}

std::size_t block_size(const Header& header, std::size_t time_size) {
    return std::size_t{header.timecnt} * (time_size + 1) + std::size_t{header.typecnt} * 6 +
           header.charcnt + std::size_t{header.leapcnt} * (time_size + 4) + header.isstdcnt +
           header.isutcnt;
}

// `+01:00`; none: it is no offset.
std::optional<std::int32_t> fixed_offset(const std::string& name) {
    const auto epoch = parse_rfc3339("1970-01-01T00:00:00" + name);
    if (!epoch) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(
        -std::chrono::floor<std::chrono::seconds>(epoch->time_since_epoch()).count());
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
    if (name == "local") {
        return read_file("/etc/localtime");
    }
    if (const auto offset = fixed_offset(name)) {
        TimeZone zone;
        zone.first_offset_ = *offset;
        return zone;
    }
    if (!is_safe_name(name)) {
        return fail(ErrorKind::invalid, fmt::format("'{}' is no time zone: expected one such as "
                                                    "Europe/Berlin, +01:00, UTC or local",
                                                    printable(name, 60)));
    }
    return read_file("/usr/share/zoneinfo/" + name);
}

Result<TimeZone> TimeZone::read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto refuse = [&](const char* why) {
        return fail(ErrorKind::not_found,
                    fmt::format("time zone file {}: {} (Debian's package is tzdata)", path, why));
    };
    const auto first = read_header(bytes);
    if (!first) {
        return refuse(bytes.empty() ? "it cannot be read" : "it is no zone file");
    }
    const std::size_t second_at = header_size + block_size(*first, 4);
    const auto header = bytes.size() > second_at
                            ? read_header(std::string_view(bytes).substr(second_at))
                            : std::nullopt;
    if (!header || header->typecnt == 0 ||
        bytes.size() < second_at + header_size + block_size(*header, 8)) {
        return refuse("it is cut off");
    }
    const std::size_t times = second_at + header_size;
    const std::size_t kinds = times + std::size_t{header->timecnt} * 8;
    const std::size_t types = kinds + header->timecnt;
    const auto offset_of = [&](std::size_t type) {
        return read_big_endian<std::int32_t>(bytes, types + type * 6);
    };
    TimeZone zone;
    zone.first_offset_ = offset_of(0);
    for (std::size_t i = 0; i < header->timecnt; ++i) {
        const auto type = static_cast<unsigned char>(bytes[kinds + i]);
        if (type >= header->typecnt) {
            return refuse("it is damaged");
        }
        zone.changes_.push_back(
            {read_big_endian<std::int64_t>(bytes, times + i * 8), offset_of(type)});
    }
    return zone;
}

Timestamp TimeZone::to_utc(std::chrono::local_time<std::chrono::milliseconds> local) const {
    const auto shown = std::chrono::floor<std::chrono::seconds>(local).time_since_epoch().count();
    // The last change that clocks had behind them when they showed this, by the offset before it:
    // so the first of two instants is found, and the hour that is left out is read by the old one.
    std::int32_t offset = first_offset_;
    for (const auto& change : changes_) {
        if (shown - offset < change.at || shown - change.offset < change.at) {
            break;
        }
        offset = change.offset;
    }
    return Timestamp(local.time_since_epoch()) - std::chrono::seconds(offset);
}

}  // namespace pwlog
