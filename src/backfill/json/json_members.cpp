// SPDX-License-Identifier: MIT
#include "backfill/json/json_members.h"

#include <fmt/format.h>

#include <algorithm>

#include "backfill/json/json_scanner.h"
#include "backfill/json/json_text.h"
#include "backfill/json/json_walk.h"

namespace pwlog {
namespace {

bool read_value(JsonScanner& scanner, JsonMember& member) {
    const char* const start = scanner.cursor();
    if (scanner.peek() == '"') {
        std::string_view raw;
        if (!scanner.string(raw)) {
            return false;
        }
        member.value = scanner.had_escape() ? unescape_json(raw) : std::string(raw);
        return true;
    }
    member.is_object = scanner.peek() == '{';
    member.is_null = scanner.peek() == 'n';
    if (!scanner.skip_value(deepest_document)) {
        return false;
    }
    member.value.assign(start, scanner.cursor());
    return true;
}

bool read_all(JsonScanner& scanner, std::vector<JsonMember>& members) {
    scanner.skip_space();
    const bool read = walk_object(scanner, [&](std::string_view key) {
        JsonMember& member = members.emplace_back();
        member.name = scanner.had_escape() ? unescape_json(key) : std::string(key);
        const auto contradicts = [&](const JsonMember& other) {
            return other.name == member.name && other.value != member.value;
        };
        return read_value(scanner, member) &&
               (std::none_of(members.begin(), members.end(), contradicts) ||
                scanner.fail("a member is there twice, with values that differ"));
    });
    if (!read) {
        return false;
    }
    scanner.skip_space();
    return scanner.at_end() || scanner.fail("something follows the object");
}

}  // namespace

bool read_members(std::string_view json, std::vector<JsonMember>& members, std::string& error) {
    JsonScanner scanner(json);
    members.clear();
    if (read_all(scanner, members) && scanner.check_utf8()) {
        return true;
    }
    error = fmt::format("{}, at byte {}", scanner.error(), scanner.where() + 1);
    return false;
}

}  // namespace pwlog
