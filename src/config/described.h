// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/keys.h"

namespace pwlog {

/// Every section that a file may have, in the order of the example.
const std::vector<SectionFacts>& described_sections();

/// docs/pwlog.example.toml: every key with its meaning, commented out where it may be left out.
std::string example_configuration();

/// Where a key belongs, as a sentence for who put it elsewhere; empty where no section has it. In
/// TOML a line belongs to the last [section] above it.
std::string home_of_key(std::string_view key);

}  // namespace pwlog
