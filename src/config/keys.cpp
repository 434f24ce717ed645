// SPDX-License-Identifier: MIT
#include "config/keys.h"

#include <fmt/format.h>

namespace pwlog {

std::string SectionFacts::heading() const {
    if (name.empty()) {
        return {};
    }
    return is_list ? fmt::format("[[{}]]", name) : fmt::format("[{}]", name);
}

std::string toml_text(std::string_view text) { return fmt::format("\"{}\"", text); }

}  // namespace pwlog
