// SPDX-License-Identifier: MIT
#include "backfill/history/known_device.h"

#include <fmt/format.h>

#include <algorithm>

#include "events/state_text.h"
#include "protocol/fields.h"

namespace pwlog {

bool LiveSpans::has(Timestamp time) const {
    return std::any_of(spans.begin(), spans.end(), [&](const LiveSpan& span) {
        return time >= span.first && time <= span.last;
    });
}

bool LiveSpans::has_interval(Timestamp time) const {
    return std::any_of(spans.begin(), spans.end(), [&](const LiveSpan& span) {
        return time > span.counted_since.value_or(span.first) && time <= span.last;
    });
}

// Four texts a span.
std::string LiveSpans::save() const {
    std::string text;
    const auto count = [](Timestamp time) { return time.time_since_epoch().count(); };
    for (const auto& span : spans) {
        text += fmt::format("{} {} {} {} ", count(span.first), count(span.last),
                            span.counted_since ? fmt::to_string(count(*span.counted_since)) : "-",
                            span.by_history ? "history" : "live");
    }
    return text;
}

LiveSpans LiveSpans::restore(std::string_view text) {
    LiveSpans live;
    const auto fields = split_fields(text);
    for (std::size_t i = 0; i + 3 < fields.size(); i += 4) {
        const auto first = parse_time(fields[i]);
        const auto last = parse_time(fields[i + 1]);
        if (first && last) {
            live.spans.push_back(
                {*first, *last, parse_time(fields[i + 2]), fields[i + 3] == "history"});
        }
    }
    return live;
}

}  // namespace pwlog
