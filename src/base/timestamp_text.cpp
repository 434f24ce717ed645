// SPDX-License-Identifier: MIT
#include "base/timestamp_text.h"

#include <algorithm>
#include <cstdint>

#include "base/parse_number.h"

namespace pwlog {
namespace {

/// Takes fixed pieces off the front of a text; once one does not fit, nothing fits any more.
class Pieces {
  public:
    explicit Pieces(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        if (rest_.size() < count) {
            good_ = false;
            return 0;
        }
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            good_ = good_ && is_digit(rest_[i]);
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    bool take(char wanted) {
        if (rest_.empty() || rest_.front() != wanted) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    void need(char wanted) { good_ = take(wanted) && good_; }
    /// Milliseconds of `.123456`; 0 where there is no fraction.
    int fraction() {
        if (!take('.') && !take(',')) {
            return 0;
        }
        int value = 0;
        int weight = 100;
        const std::size_t before = rest_.size();
        while (!rest_.empty() && is_digit(rest_.front())) {
            value += (rest_.front() - '0') * weight;
            weight /= 10;
            rest_.remove_prefix(1);
        }
        good_ = good_ && rest_.size() != before && before - rest_.size() <= 9;
        return value;
    }
    bool empty() const { return rest_.empty(); }
    char front() const { return rest_.empty() ? '\0' : rest_.front(); }
    void refuse() { good_ = false; }
    bool good() const { return good_; }

  private:
    std::string_view rest_;
    bool good_ = true;
};

// `Z`, `+01:00`, `+0100`, `+01`; none: refused.
std::chrono::minutes take_offset(Pieces& pieces) {
    if (pieces.take('Z') || pieces.take('z')) {
        return {};
    }
    const bool west = pieces.front() == '-';
    if (!pieces.take('+') && !pieces.take('-')) {
        pieces.refuse();
        return {};
    }
    const int hours = pieces.digits(2);
    const bool colon = pieces.take(':');
    const int minutes = colon || !pieces.empty() ? pieces.digits(2) : 0;
    if (hours > 18 || minutes > 59) {
        pieces.refuse();
    }
    return std::chrono::minutes((west ? -1 : 1) * (hours * 60 + minutes));
}

constexpr std::int64_t year_10000_s = 253402300800;

}  // namespace

std::optional<Timestamp> parse_epoch_seconds(std::string_view text) {
    const std::size_t whole = std::min(text.find('.'), text.size());
    const auto seconds = parse_number<std::int64_t>(text.substr(0, whole));
    Pieces pieces(text.substr(whole));
    const int milliseconds = pieces.fraction();
    if (!seconds || *seconds < 0 || *seconds >= year_10000_s || !pieces.good() || !pieces.empty()) {
        return std::nullopt;
    }
    return Timestamp(std::chrono::seconds(*seconds)) + std::chrono::milliseconds(milliseconds);
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    Pieces pieces(text);
    const int year = pieces.digits(4);
    pieces.need('-');
    const int month = pieces.digits(2);
    pieces.need('-');
    const int day = pieces.digits(2);
    if (!pieces.take('T') && !pieces.take('t')) {
        pieces.need(' ');
    }
    const int hour = pieces.digits(2);
    pieces.need(':');
    const int minute = pieces.digits(2);
    pieces.need(':');
    const int second = pieces.digits(2);
    const int millisecond = pieces.fraction();
    const auto offset = take_offset(pieces);
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!pieces.good() || !pieces.empty() || !date.ok() || hour > 23 || minute > 59 ||
        second > 59) {
        return std::nullopt;
    }
    return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute) + std::chrono::seconds(second) +
           std::chrono::milliseconds(millisecond) - offset;
}

}  // namespace pwlog
