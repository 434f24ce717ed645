// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "base/result.h"

namespace pwlog {

/// Asks for something that seldom changes, and for what would be news a second time: one damaged
/// digit looks just like a changed setting. Error `garbled` where the two differ.
template <class T>
Result<T> confirmed(const std::function<Result<T>()>& ask,
                    const std::function<bool(const T&)>& is_news) {
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
