// SPDX-License-Identifier: MIT
#include "base/printable.h"

#include <fmt/format.h>

namespace pwlog {

std::string printable(std::string_view bytes, std::size_t limit) {
    std::string text;
    for (const char c : bytes) {
        if (text.size() >= limit) {
            return text + "…";
        }
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '\\') {
            text += c;
        } else if (c == '\r') {
            text += "\\r";
        } else if (c == '\n') {
            text += "\\n";
        } else {
            text += fmt::format("\\x{:02x}", byte);
        }
    }
    return text;
}

}  // namespace pwlog
