// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"

namespace pwlog {

/// Asks for something that seldom changes, and for what would be news a second time: one damaged
/// digit looks just like a changed setting. Error `garbled` where the two differ.
template <class Ask, class IsNews>
auto confirmed(const Ask& ask, const IsNews& is_news) -> decltype(ask()) {
    auto value = ask();
    if (!value || !is_news(*value)) {
        return value;
    }
    auto again = ask();
    if (again && !(*again == *value) && is_news(*again)) {
        return fail(ErrorKind::garbled, "a setting was read twice and came out differently");
    }
    return again;
}

}  // namespace pwlog
