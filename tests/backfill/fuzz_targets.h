// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace pwlog::test {

/// Reads the bytes as the target (a line of fuzz_targets.txt) says, to the end, and again from a
/// place in the middle. Aborts where what must hold doesn't: documents are documents, going on
/// gives the rest.
void fuzz_backfill(std::string_view target, std::string_view bytes);

}  // namespace pwlog::test
