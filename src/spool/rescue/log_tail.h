// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace pwlog {

/// What SQLite does not tell of its write-ahead log
/// (https://www.sqlite.org/fileformat2.html#walformat): it takes the log to end at the first wrong
/// checksum, so one flipped bit silently drops all that was committed after it.
struct LogTail {
    bool empty = true;
    bool damaged = false;  ///< something was once whole there and is not now
    /// The books' page, as last committed in what SQLite reads, and in what it has lost.
    std::optional<std::string> readable_books;
    std::optional<std::string> lost_books;
};

/// A missing log is an empty one. ErrorKind::io where it cannot be read.
Result<LogTail> read_log_tail(const std::filesystem::path& file);

/// Up to `length` bytes from `offset` on; fewer only where the file ends. ErrorKind::not_found
/// where there is no file; ErrorKind::io where it is there and cannot be read. To be called while
/// SQLite does not have the file: closing it would take SQLite's locks away.
Result<std::string> read_bytes(const std::filesystem::path& file, std::uint64_t offset,
                               std::size_t length);

/// Whether the disk reads most of the file: then what it fails to read is a bad sector, and not a
/// disk that is away for now.
bool is_mostly_readable(const std::filesystem::path& file);

}  // namespace pwlog
