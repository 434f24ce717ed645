// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace pwlog::test {

/// The top of the source tree.
std::filesystem::path source_dir();

/// tests/data.
std::filesystem::path test_data();

/// Holds the address of the node that the suite has started.
std::filesystem::path node_file();

}  // namespace pwlog::test
