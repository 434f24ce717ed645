// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "spool/spool_directory.h"
#include "spool/spool_file.h"

namespace pwlog {

/// Opens the spool of a folder, or makes one. A damaged one is set aside and a fresh one takes its
/// place at once; Rescue then copies what waited. Damage is what was read twice and is wrong; what
/// cannot be read is ErrorKind::io, and left as it is. ErrorKind::invalid for a spool of a newer
/// version, which is left untouched, too. `known`: its last books, where this process had it open;
/// they become those that a torn log still has, so that the next try counts what is lost.
Result<std::unique_ptr<SpoolFile>> open_or_replace(const SpoolDirectory& directory,
                                                   const SpoolFileOptions& options, WallTime now,
                                                   std::optional<Ledger>& known);

/// A fresh one in memory, for what waits in a damaged one while the disk has no room for its
/// successor.
Result<std::unique_ptr<SpoolFile>> open_in_memory(const SpoolFileOptions& options,
                                                  const std::filesystem::path& damaged);

/// Sets a spool aside that showed its damage while it was in use, and is closed.
Result<void> set_damaged_aside(const SpoolDirectory& directory, WallTime now,
                               const std::string& why);

}  // namespace pwlog
