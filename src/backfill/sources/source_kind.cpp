// SPDX-License-Identifier: MIT
#include "backfill/sources/source_kind.h"

#include <algorithm>

#include "backfill/run/document_check.h"
#include "backfill/sources/mqtt_source.h"
#include "backfill/sources/mqtt_topic.h"
#include "backfill/sources/nut_values.h"
#include "base/parse_number.h"
#include "base/timestamp_text.h"

namespace pwlog {
namespace {

// The first line that is neither empty nor a comment; `whole` tells whether its end was seen.
std::string_view first_line(std::string_view text, bool& whole) {
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    for (;;) {
        const std::size_t end = text.find('\n');
        whole = end != text.npos;
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        const bool ours = !line.empty() && line.front() != '#' && !line.starts_with("CREATE ");
        if (!whole || ours) {
            return line;
        }
        text.remove_prefix(end + 1);
    }
}

std::optional<SourceKind> recognise_json(std::string_view line, bool whole, bool mapped) {
    if (line.front() == '[') {
        return SourceKind::search;
    }
    if (line.find("\"tst\"") != line.npos && line.find("\"topic\"") != line.npos) {
        return SourceKind::mqtt;
    }
    DocumentCheck check;
    if (check.check(line)) {
        return SourceKind::ndjson;
    }
    const auto& hit = check.hit();
    if (hit.action || hit.unusable_action || !hit.source.empty()) {
        return SourceKind::ndjson;
    }
    const auto key = line.find("\"took\"") != line.npos || line.find("\"hits\"") != line.npos ||
                     line.find("\"_scroll_id\"") != line.npos;
    const bool one_bracket = line.find_first_not_of(" \t{") == line.npos;
    return hit.search_reply || key || one_bracket || !whole ? SourceKind::search
           : mapped                                         ? SourceKind::index
                                                            : SourceKind::ndjson;
}

// Seconds since 1970 have ten digits from 2001 to 2286; fewer are a date or a count.
bool is_epoch_of_today(std::string_view text) {
    return parse_epoch_seconds(text) && std::min(text.find('.'), text.size()) == 10;
}

bool looks_like_message(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == line.npos ? line.npos : line.find(' ', first + 1);
    if (second == line.npos) {
        return first != line.npos && is_topic_of_ours(line.substr(0, first));
    }
    const auto time = line.substr(0, first);
    const auto topic = line.substr(first + 1, second - first - 1);
    return (topic.find_first_of(",=;") == topic.npos &&
            (parse_rfc3339(time) || is_epoch_of_today(time))) ||
           is_topic_of_ours(time);  // without a time: its reader says what to do
}

// measurement[,tag=value…] field=value[,…] [time]
bool looks_like_line_protocol(std::string_view line) {
    std::size_t space = line.find(' ');
    while (space != line.npos && space > 0 && line[space - 1] == '\\') {
        space = line.find(' ', space + 1);
    }
    if (space == line.npos || space == 0 || line.front() == '"') {
        return false;
    }
    const auto fields = line.substr(space + 1);
    const std::size_t equals = fields.find('=');
    const std::size_t next_space = fields.find(' ');
    const auto time =
        next_space == fields.npos ? std::string_view("0") : fields.substr(fields.rfind(' ') + 1);
    return equals != fields.npos && equals > 0 && equals < next_space && are_digits(time);
}

}  // namespace

std::string_view to_text(SourceKind kind) {
    for (const auto& [its_kind, name] : source_kind_names) {
        if (its_kind == kind) {
            return name;
        }
    }
    return {};
}

std::optional<SourceKind> source_kind(std::string_view name) {
    for (const auto& [kind, its_name] : source_kind_names) {
        if (its_name == name) {
            return kind;
        }
    }
    return std::nullopt;
}

Result<std::optional<SourceKind>> recognise_source(LineReader& lines, bool mapped) {
    constexpr std::size_t looked_at = std::size_t{64} * 1024;
    const auto beginning = lines.peek(looked_at);
    if (!beginning) {
        return pass_on(beginning);
    }
    bool whole = false;
    const auto line = first_line(*beginning, whole);
    if (line.empty()) {
        return std::optional<SourceKind>();
    }
    const std::size_t start = line.find_first_not_of(" \t");
    if (start != line.npos && (line[start] == '{' || line[start] == '[')) {
        return recognise_json(line.substr(start), whole, mapped);
    }
    if (looks_like_upslog(line)) {
        return std::optional(SourceKind::upslog);
    }
    if (looks_like_message(line) || read_recorded(line)) {
        return std::optional(SourceKind::mqtt);
    }
    if (looks_like_line_protocol(line)) {
        return std::optional(SourceKind::influx);
    }
    const bool columns = line.find_first_of(",;\t|") != line.npos;
    return columns ? std::optional(SourceKind::csv) : std::nullopt;
}

}  // namespace pwlog
