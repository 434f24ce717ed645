#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "spool/spool_directory.h"
#include "spool/spool_file.h"

namespace pwlog {

/// Opens the spool of a folder, whatever state it is in. What is damaged is renamed to
/// spool.db.corrupt-<time>, what can be read of it goes into a new file as pending (Elasticsearch
/// says of what it has that it has it), and the rest is counted. ErrorKind::invalid for a spool of
/// a newer version, which is left untouched; other errors where the disk or another process is in
/// the way. `known`: its last books, where this process had it open before. What was never
/// committed is then still in memory, and nothing to be rescued.
Result<std::unique_ptr<SpoolFile>> open_or_recover(const SpoolDirectory& directory,
                                                   const SpoolFileOptions& options, WallTime now,
                                                   const std::optional<Ledger>& known);

/// The second half of the above, for a spool that showed its damage while it was in use, and is
/// closed.
Result<std::unique_ptr<SpoolFile>> recover(const SpoolDirectory& directory,
                                           const SpoolFileOptions& options, WallTime now,
                                           const std::optional<Ledger>& known,
                                           const std::string& why);

}  // namespace pwlog
