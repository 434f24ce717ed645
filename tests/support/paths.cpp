// SPDX-License-Identifier: MIT
#include "support/paths.h"

namespace pwlog::test {

std::filesystem::path source_dir() { return PWLOG_SOURCE_DIR; }

std::filesystem::path test_data() { return source_dir() / "tests" / "data"; }

std::filesystem::path node_file() { return PWLOG_TEST_NODE_FILE; }

}  // namespace pwlog::test
