// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "backfill/json/json_scanner.h"

namespace pwlog {

/// The text of the value at the cursor.
inline bool take_raw(JsonScanner& scanner, std::string_view& raw) {
    constexpr int deepest = 100;
    const char* const start = scanner.cursor();
    if (!scanner.skip_value(deepest)) {
        return false;
    }
    raw = {start, static_cast<std::size_t>(scanner.cursor() - start)};
    return true;
}

/// Walks over an object: `take(name)` has to take the value at the cursor. False where the object
/// is none, or `take` said so.
template <class Take>
bool walk_object(JsonScanner& scanner, const Take& take) {
    if (!scanner.take('{')) {
        return scanner.fail("an object was expected");
    }
    scanner.skip_space();
    if (scanner.take('}')) {
        return true;
    }
    for (;;) {
        std::string_view name;
        scanner.skip_space();
        if (!scanner.string(name)) {
            return false;
        }
        scanner.skip_space();
        if (!scanner.take(':')) {
            return scanner.fail("':' was expected");
        }
        scanner.skip_space();
        if (!take(name)) {
            return false;
        }
        scanner.skip_space();
        if (scanner.take('}')) {
            return true;
        }
        if (!scanner.take(',')) {
            return scanner.fail("',' or '}' was expected");
        }
    }
}

/// The same for a list; `take()` has to take one element.
template <class Take>
bool walk_list(JsonScanner& scanner, const Take& take) {
    if (!scanner.take('[')) {
        return scanner.fail("a list was expected");
    }
    scanner.skip_space();
    if (scanner.take(']')) {
        return true;
    }
    for (;;) {
        scanner.skip_space();
        if (!take()) {
            return false;
        }
        scanner.skip_space();
        if (scanner.take(']')) {
            return true;
        }
        if (!scanner.take(',')) {
            return scanner.fail("',' or ']' was expected");
        }
    }
}

}  // namespace pwlog
