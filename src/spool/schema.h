// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "spool/ledger.h"
#include "spool/sqlite/database.h"

namespace pwlog {

/// Raised with every change that an older program could not read.
inline constexpr std::uint32_t schema_version = 1;
inline constexpr std::uint32_t application_id = 0x70776c73;  // "pwls"
/// Small pages: a commit writes whole pages, and a card wears by the byte. Fixed: reading
/// the log relies on it.
inline constexpr std::uint32_t page_size = 1024;
/// The ledger is the first table made, so its only page is the second of the file, in every spool.
inline constexpr std::uint32_t ledger_page = 2;

/// How the connection is used (docs/spool.md says why each): to be set before the first statement.
/// ErrorKind::busy where another process has the file.
Result<void> configure(Database& database, std::uint32_t max_pages);

/// Makes the tables and the ledger in an empty file.
Result<void> create_schema(Database& database, const Ledger& ledger);
/// ErrorKind::corrupt where the tables are not exactly those that were made.
Result<void> verify_schema(Database& database, const Ledger& ledger);

/// ErrorKind::corrupt where the file has more pages than its first page says: these would be
/// hidden, and written over. No commit of ours makes a file smaller.
Result<void> verify_page_count(Database& database, const std::filesystem::path& file);

/// The ledger on a raw copy of its page; ErrorKind::corrupt where it is not whole.
Result<Ledger> ledger_on(std::string_view page);

/// Puts the pages that say what a spool is made of back into a damaged one that SQLite does not
/// open, and its first tables where the file is shorter: the rows then show what can be read.
Result<void> mend_schema(const std::filesystem::path& file);

enum class HeaderVerdict {
    absent,   ///< no file
    ours,     ///< looks like a spool of this version
    newer,    ///< a spool of a newer version
    damaged,  ///< something else
};
/// Looks at the file's first bytes, without SQLite and without changing anything. ErrorKind::io
/// where they cannot be read, which says nothing of what they are.
Result<HeaderVerdict> judge_header(const std::filesystem::path& file);

}  // namespace pwlog
