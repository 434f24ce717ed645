// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "elastic/bulk.h"

namespace pwlog {

bool says_all_stored(std::string_view body, std::size_t expected, OnConflict on_conflict) {
    const auto head = std::string_view(R"({"errors":false,"items":[)");
    const auto item = fmt::format(R"({{"{}":{{"status":201}}}})", action_name(on_conflict));
    if (expected == 0 || !body.starts_with(head) ||
        body.size() != head.size() + expected * (item.size() + 1) + 1) {
        return false;
    }
    body.remove_prefix(head.size());
    for (; expected > 0; --expected) {
        if (!body.starts_with(item) || body[item.size()] != (expected > 1 ? ',' : ']')) {
            return false;
        }
        body.remove_prefix(item.size() + 1);
    }
    return body == "}";
}

}  // namespace pwlog
