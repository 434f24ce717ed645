// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pwlog::test {

bool has(const std::string& text, std::string_view part);

/// All that a file holds; empty where it cannot be read.
std::string content(const std::filesystem::path& file);

}  // namespace pwlog::test
