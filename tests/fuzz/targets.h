// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace pwlog::test {

/// Reads the bytes as the target (a line of targets.txt) says. Aborts where what must hold doesn't.
void fuzz(std::string_view target, std::string_view bytes);

/// One of backfill's: to the end, and again from a place in the middle. Documents are documents,
/// going on gives the rest.
void fuzz_source(std::string_view target, std::string_view bytes);

void demand(bool holds, const char* what);

}  // namespace pwlog::test
