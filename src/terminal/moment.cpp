// SPDX-License-Identifier: MIT
#include "terminal/moment.h"

#include <fmt/format.h>

#include "base/text_values.h"
#include "base/timestamp_text.h"

namespace pwlog {

Result<std::optional<Timestamp>> parse_moment(const std::string& text, std::string_view option) {
    if (text.empty()) {
        return std::optional<Timestamp>();
    }
    if (const auto ago = parse_duration(text)) {
        return std::optional(to_timestamp(SystemClock().wall_now() - *ago));
    }
    const bool date_only = text.size() == std::string_view("2026-11-22").size();
    const auto time = parse_rfc3339(date_only ? text + "T00:00:00Z" : text);
    if (!time) {
        return fail(ErrorKind::invalid,
                    fmt::format("{} {}: expected a time such as 2026-11-22T10:00:00Z, a day such "
                                "as 2026-11-22 (from midnight UTC), or 30d for 30 days ago",
                                option, text));
    }
    return std::optional(*time);
}

}  // namespace pwlog
