// SPDX-License-Identifier: MIT
#include "spool/archive_age.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace pwlog {

using std::chrono::milliseconds;

milliseconds ArchiveAge::spacing() const {
    constexpr int marks_at_most = 64;
    return keep_ / marks_at_most;
}

void ArchiveAge::note(milliseconds uptime, std::int64_t next_seq) {
    if (uptime_) {
        // Less than before: the machine has started anew, and has run for at least so long since.
        age_ += uptime >= *uptime_ ? uptime - *uptime_ : uptime;
    }
    uptime_ = uptime;
    if (marks_.empty() || age_ - marks_.back().age >= spacing()) {
        marks_.push_back({age_, next_seq});
    }
    // Of the marks that are too old only the youngest says anything.
    while (marks_.size() > 1 && marks_[1].age <= age_ - keep_) {
        marks_.pop_front();
    }
}

std::int64_t ArchiveAge::expired_before() const {
    const bool is_expired = !marks_.empty() && marks_.front().age <= age_ - keep_;
    return is_expired ? marks_.front().next_seq : 0;
}

bool ArchiveAge::is_save_due() const {
    constexpr milliseconds at_least = std::chrono::minutes(10);
    return !saved_age_ || age_ - *saved_age_ >= std::min(spacing(), at_least);
}

std::string ArchiveAge::save() {
    saved_age_ = age_;
    std::string saved =
        fmt::format("{} {}", age_.count(), uptime_.value_or(milliseconds(0)).count());
    for (const auto& mark : marks_) {
        saved += fmt::format(" {} {}", mark.age.count(), mark.next_seq);
    }
    return saved;
}

void ArchiveAge::restore(std::string_view saved) {
    std::vector<std::int64_t> numbers;
    const char* const end = saved.data() + saved.size();
    for (const char* at = saved.data(); at < end; ++at) {  // past the blank
        const auto [next, code] = std::from_chars(at, end, numbers.emplace_back());
        if (code != std::errc{}) {
            return;
        }
        at = next;
    }
    if (numbers.size() < 2 || numbers.size() % 2 != 0) {
        return;
    }
    saved_age_ = age_ = milliseconds(numbers[0]);
    uptime_ = milliseconds(numbers[1]);
    marks_.clear();
    for (std::size_t i = 2; i < numbers.size(); i += 2) {
        marks_.push_back({milliseconds(numbers[i]), numbers[i + 1]});
    }
}

}  // namespace pwlog
