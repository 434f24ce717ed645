// SPDX-License-Identifier: MIT
#include "backfill/run/document_check.h"

#include <fmt/format.h>

#include <utility>

#include "backfill/json/json_scanner.h"
#include "backfill/json/json_text.h"
#include "backfill/json/json_walk.h"
#include "backfill/run/document_place.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "base/timestamp_text.h"

namespace pwlog {
namespace {

constexpr std::size_t longest_dimension = 512;  // bytes; Elasticsearch refuses longer ones

}  // namespace

/// One pass over one line; what it finds goes into the check's members.
struct DocumentCheck::Walk {
    JsonScanner scanner;
    DocumentCheck& check;

    bool object(DocumentPlace place, int depth_left) {
        if (depth_left == 0) {
            return scanner.fail("it is nested too deeply");
        }
        return walk_object(scanner, [&](std::string_view key) {
            return value(place_of(place, key), depth_left - 1);
        });
    }

    DocumentPlace place_of(DocumentPlace parent, std::string_view key) const {
        return scanner.had_escape() ? place_below(parent, unescape_json(key))
                                    : place_below(parent, key);
    }

    bool value(DocumentPlace place, int depth_left) {
        switch (place) {
            case DocumentPlace::event:
            case DocumentPlace::device:
            case DocumentPlace::powerwalker:
            case DocumentPlace::outlet:
                return scanner.peek() == '{' ? object(place, depth_left)
                                             : scanner.skip_value(depth_left);
            case DocumentPlace::timestamp_value:
                return timestamp();
            case DocumentPlace::dataset_value:
                return text(check.dataset_, "event.dataset");
            case DocumentPlace::action_value:
                return text(check.facts_.action, "event.action");
            case DocumentPlace::event_id_value:
                return text(check.facts_.event_id, "event.id");
            case DocumentPlace::device_value:
                return text(check.facts_.device, "device.id");
            case DocumentPlace::number_value:
                return outlet_number();
            case DocumentPlace::elsewhere:
            case DocumentPlace::root:
                return scanner.skip_value(depth_left);
            default:
                return wrapper(place, depth_left);
        }
    }

    bool wrapper(DocumentPlace place, int depth_left) {
        const char* const start = scanner.cursor();
        if (place == DocumentPlace::id_value) {
            return scanner.peek() == '"' ? scanner.string_value(check.hit_.id)
                                         : scanner.skip_value(depth_left);
        }
        if (place == DocumentPlace::bulk_action && scanner.peek() == '{') {
            check.hit_.action = true;
            return object(place, depth_left);
        }
        check.hit_.unusable_action =
            check.hit_.unusable_action ||
            (place == DocumentPlace::unusable_action && scanner.peek() == '{');
        check.hit_.search_reply = check.hit_.search_reply || place == DocumentPlace::hits;
        if (!scanner.skip_value(depth_left)) {
            return false;
        }
        if (place == DocumentPlace::source_value) {
            check.hit_.source = {start, static_cast<std::size_t>(scanner.cursor() - start)};
        }
        return true;
    }

    bool text(std::string& into, const char* name) {
        std::string_view raw;
        if (scanner.peek() != '"') {
            return refuse(fmt::format("{} is not a text", name));
        }
        if (!into.empty()) {
            return refuse(fmt::format("{} appears twice", name));
        }
        if (!scanner.string_value(raw, JsonLeaf::Role::identity)) {
            return false;
        }
        if (scanner.had_escape()) {
            into = unescape_json(raw);
        } else {
            into = raw;
        }
        return into.empty() ? refuse(fmt::format("{} is empty", name)) : true;
    }

    bool timestamp() {
        if (std::exchange(check.timestamp_seen_, true)) {
            return refuse("@timestamp appears twice");
        }
        std::string_view raw;
        if (scanner.peek() == '"') {
            if (!scanner.string_value(raw, JsonLeaf::Role::timestamp)) {
                return false;
            }
            const auto time = parse_rfc3339(raw);
            if (!time) {
                return refuse(
                    fmt::format("@timestamp '{}' is not a time like "
                                "2026-11-22T17:04:05.123Z",
                                printable(raw, 40)));
            }
            check.facts_.time = *time;
            return true;
        }
        if (!scanner.number_value(raw, JsonLeaf::Role::identity)) {
            return refuse("@timestamp is neither a text nor a number");
        }
        const auto milliseconds = parse_number<std::int64_t>(raw);
        constexpr std::int64_t year_10000 = 253402300800000;
        if (!milliseconds || *milliseconds < 0 || *milliseconds >= year_10000) {
            return refuse(fmt::format("@timestamp {} is not a number of milliseconds since 1970",
                                      printable(raw, 40)));
        }
        check.facts_.time = Timestamp(std::chrono::milliseconds(*milliseconds));
        return true;
    }

    bool outlet_number() {
        std::string_view raw;
        if (std::exchange(check.outlet_seen_, true)) {
            return refuse("powerwalker.outlet.number appears twice");
        }
        if (scanner.peek() == '"' || !scanner.number_value(raw, JsonLeaf::Role::outlet)) {
            return refuse("powerwalker.outlet.number is not a number");
        }
        if (raw.size() != 1 || raw[0] < '1' || raw[0] > '8') {
            return refuse(fmt::format("powerwalker.outlet.number is {}, not one of 1 to 8",
                                      printable(raw, 40)));
        }
        check.facts_.outlet = raw[0] - '0';
        return true;
    }

    bool refuse(std::string reason) { return check.refuse(std::move(reason)); }
};

bool DocumentCheck::refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
}

bool DocumentCheck::check(std::string_view line) {
    if (shapes_.recall(line, facts_)) {
        return true;
    }
    if (!check_fully(line)) {
        return false;
    }
    shapes_.remember(line, leaves_, facts_);
    return true;
}

bool DocumentCheck::check_fully(std::string_view line) {
    facts_.time = {};
    facts_.outlet = 0;
    facts_.device.clear();
    facts_.action.clear();
    facts_.event_id.clear();
    facts_.content.reset();
    dataset_.clear();
    reason_.clear();
    hit_ = {};
    timestamp_seen_ = outlet_seen_ = false;
    leaves_.clear();
    Walk walk{JsonScanner(line), *this};
    auto& scanner = walk.scanner;
    scanner.note_leaves(&leaves_);
    scanner.skip_space();
    bool good = walk.object(DocumentPlace::root, deepest_document);
    if (good) {
        scanner.skip_space();
        good = scanner.at_end() || scanner.fail("something follows the document");
    }
    if (!good || !scanner.check_utf8()) {
        if (reason_.empty()) {
            reason_ = fmt::format("{}, at byte {}", scanner.error(), scanner.where() + 1);
        }
        hit_ = {};
        return false;
    }
    return judge();
}

bool DocumentCheck::judge() {
    if (dataset_.empty() && !timestamp_seen_) {
        return refuse("it is JSON, but not a pwlog document: neither @timestamp nor event.dataset");
    }
    if (!timestamp_seen_) {
        return refuse("@timestamp is missing");
    }
    if (dataset_.empty()) {
        return refuse("event.dataset is missing");
    }
    const auto kind = document_kind(dataset_);
    if (!kind) {
        return refuse(
            fmt::format("event.dataset '{}' is none of powerwalker.pdu, .outlet, .ats, "
                        ".ups, .logger, .event",
                        printable(dataset_, 60)));
    }
    facts_.kind = *kind;
    if (facts_.device.empty()) {
        return refuse("device.id is missing");
    }
    if (facts_.device.size() > longest_dimension) {
        return refuse(fmt::format("device.id is longer than {} bytes", longest_dimension));
    }
    if (*kind == DocumentKind::outlet && !outlet_seen_) {
        return refuse("powerwalker.outlet.number is missing");
    }
    if (*kind != DocumentKind::outlet && *kind != DocumentKind::events && outlet_seen_) {
        return refuse("powerwalker.outlet.number is in a document that is not an outlet's");
    }
    if (*kind == DocumentKind::events && facts_.action.empty()) {
        return refuse("event.action is missing");
    }
    return true;
}

}  // namespace pwlog
