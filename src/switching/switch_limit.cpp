// SPDX-License-Identifier: MIT
#include "switching/switch_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pwlog {

bool SwitchLimit::take(std::chrono::nanoseconds uptime) {
    constexpr auto window = std::chrono::minutes(1);
    const auto now = std::chrono::floor<std::chrono::milliseconds>(uptime);
    for (auto& time : taken_) {
        time = std::min(time, now);  // of before the machine's start: how long ago nobody knows
    }
    std::erase_if(taken_, [&](auto time) { return time <= now - window; });
    if (taken_.size() >= static_cast<std::size_t>(per_minute_)) {
        return false;
    }
    taken_.push_back(now);
    return true;
}

void SwitchLimit::count(std::chrono::nanoseconds uptime) {
    taken_.push_back(std::chrono::floor<std::chrono::milliseconds>(uptime));
}

std::string SwitchLimit::save() const {
    std::string saved;
    for (const auto time : taken_) {
        saved += fmt::format("{} ", time.count());
    }
    return saved;
}

void SwitchLimit::restore(std::string_view saved) {
    taken_.clear();
    const char* const end = saved.data() + saved.size();
    for (const char* at = saved.data(); at < end;) {
        std::int64_t count = 0;
        const auto [next, code] = std::from_chars(at, end, count);
        if (code != std::errc{}) {
            return;
        }
        taken_.emplace_back(count);
        at = next + 1;  // the blank
    }
}

Result<void> SharedSwitchLimit::take(std::chrono::nanoseconds uptime) {
    const std::lock_guard lock(mutex_);
    if (limit_.take(uptime)) {
        return {};
    }
    return fail(ErrorKind::busy,
                fmt::format("switched {} times within a minute: switch_limit of the device's "
                            "configuration allows no more",
                            limit_.per_minute()));
}

void SharedSwitchLimit::count(std::chrono::nanoseconds uptime) {
    const std::lock_guard lock(mutex_);
    limit_.count(uptime);
}

void SharedSwitchLimit::set_per_minute(int per_minute) {
    const std::lock_guard lock(mutex_);
    limit_.set_per_minute(per_minute);
}

std::string SharedSwitchLimit::save() const {
    const std::lock_guard lock(mutex_);
    return limit_.save();
}

void SharedSwitchLimit::restore(std::string_view saved) {
    const std::lock_guard lock(mutex_);
    limit_.restore(saved);
}

}  // namespace pwlog
