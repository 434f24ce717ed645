#include "agent/switch_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace pwlog {

bool SwitchLimit::take(Timestamp now) {
    constexpr auto window = std::chrono::minutes(1);
    // What lies ahead was counted by a clock that has been set back since.
    std::erase_if(taken_, [&](Timestamp time) { return time <= now - window || time > now; });
    if (taken_.size() >= static_cast<std::size_t>(per_minute_)) {
        return false;
    }
    taken_.push_back(now);
    return true;
}

std::string SwitchLimit::save() const {
    std::string saved;
    for (const auto time : taken_) {
        saved += fmt::format("{} ", time.time_since_epoch().count());
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
        taken_.emplace_back(std::chrono::milliseconds(count));
        at = next + 1;  // the blank
    }
}

}  // namespace pwlog
