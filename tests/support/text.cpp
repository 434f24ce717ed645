// SPDX-License-Identifier: MIT
#include "text.h"

#include <fstream>
#include <iterator>

namespace pwlog::test {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string content(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace pwlog::test
