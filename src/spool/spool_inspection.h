// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>

#include "base/result.h"
#include "spool/spool_info.h"

namespace pwlog {

class SpoolFile;

/// Looks at a spool that nobody has open, and changes nothing in it; what is damaged stays as it is
/// found, for the next start to mend. Takes at most `budget` for SQLite's own check; one that ran
/// out of time counts as passed. ErrorKind::not_found: no spool in this folder; busy: a process has
/// it, named; corrupt: what is damaged; denied, invalid: as Spool::open.
Result<SpoolInfo> inspect_spool(const std::filesystem::path& directory,
                                std::chrono::milliseconds budget);

/// What an open file says of itself: all but what is in memory only.
void fill(SpoolInfo& info, SpoolFile& file);

}  // namespace pwlog
