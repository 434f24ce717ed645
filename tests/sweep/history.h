// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

#include "witness.h"

namespace pwlog::test {

/// A spool's life by chance: appends, batches, outcomes, flushes, prunings, failing calls, a full
/// disk, flipped bits; deaths of its process and power cuts in between. What is wrong is noted.
/// In the folder, which is made; the same for the same seed.
void live_by_chance(unsigned seed, const std::filesystem::path& folder, Witness& witness);

}  // namespace pwlog::test
