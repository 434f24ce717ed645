#include "backfill/json_members.h"

#include <fmt/format.h>

#include "backfill/json_scanner.h"
#include "backfill/json_text.h"

namespace pwlog {
namespace {

constexpr int deepest = 32;

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
    if (!scanner.skip_value(deepest)) {
        return false;
    }
    member.value.assign(start, scanner.cursor());
    return true;
}

bool read_member(JsonScanner& scanner, JsonMember& member) {
    std::string_view key;
    scanner.skip_space();
    if (!scanner.string(key)) {
        return false;
    }
    member.name = scanner.had_escape() ? unescape_json(key) : std::string(key);
    scanner.skip_space();
    if (!scanner.take(':')) {
        return scanner.fail("':' was expected");
    }
    scanner.skip_space();
    return read_value(scanner, member);
}

bool read_all(JsonScanner& scanner, std::vector<JsonMember>& members) {
    scanner.skip_space();
    if (!scanner.take('{')) {
        return scanner.fail("an object was expected");
    }
    scanner.skip_space();
    if (!scanner.take('}')) {
        for (;;) {
            if (!read_member(scanner, members.emplace_back())) {
                return false;
            }
            scanner.skip_space();
            if (scanner.take('}')) {
                break;
            }
            if (!scanner.take(',')) {
                return scanner.fail("',' or '}' was expected");
            }
        }
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
