// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// The folder with the spool's files, ours alone while this lives:
///
///     spool.db           the entries; beside it spool.db-wal, SQLite's write-ahead log
///     spool.lock         locked with flock while a process has the spool; holds its pid
///     spool.ballast      256 KiB that are given up when the disk is full
///     spool.db.new       a spool being made; complete once it is called spool.db
///     spool.db.rescue-20261122T170405Z    a damaged spool (with -wal), whose pending entries are
///                                         being copied into the fresh one
///     spool.db.corrupt-20261122T170405Z   one that is done, kept for whoever wants to look
///
/// A lock file of its own, since spool.db itself changes its name when it is damaged.
class SpoolDirectory {
  public:
    /// Makes the folder with mode 0700 where there is none. ErrorKind::denied where it is not ours
    /// alone, ErrorKind::invalid where a file in it is a link, a folder or a pipe; ErrorKind::busy,
    /// naming the holder's pid, where another process, or another Spool of this one, has it.
    static Result<SpoolDirectory> open(const std::filesystem::path& path);
    /// Whether open() would take the folder that is there, but for the lock.
    static Result<void> check(const std::filesystem::path& path);

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path database() const { return path_ / "spool.db"; }
    std::filesystem::path fresh() const { return path_ / "spool.db.new"; }

    /// Takes the lock where a read-only disk had none to take.
    Result<void> lock();

    /// Makes an empty file of mode 0600 where there is none, so that SQLite takes its mode on.
    static Result<void> prepare_file(const std::filesystem::path& file);

    /// What files are in a folder, safe against a power cut.
    static Result<void> flush_names(const std::filesystem::path& folder);

    /// fresh() becomes database(), where there is none. It must be closed, and whole without its
    /// log.
    Result<void> put_in_place() const;
    void discard_fresh() const;
    /// Makes fresh() of these bytes.
    Result<void> write_fresh(std::string_view bytes) const;
    /// Renames a damaged database() and its log, so that next_rescue() names it. Closed, too.
    Result<void> set_aside(WallTime now) const;
    /// Brings what died between two renames to its end; to be called first.
    Result<void> finish_setting_aside(WallTime now) const;

    /// The newest damaged spool whose entries are still to be copied; none where there is none.
    std::optional<std::filesystem::path> next_rescue() const;
    /// They are: it is kept under its last name if the disk has room for that, else deleted.
    Result<std::string> finish_rescue(const std::filesystem::path& file, WallTime now) const;
    /// Deletes damaged spools that are done: on a full disk what waits comes first.
    void drop_corrupt() const;

    /// Keeps a copy of the log of a spool that itself is still good, under a .corrupt name, if
    /// there is room for it.
    void keep_copy_of_log(WallTime now) const;
    /// Takes such a log away from its spool, under that name.
    Result<void> set_log_aside(WallTime now) const;

    /// Room for the moment when the disk is full. Failing to have it is no failure.
    bool has_ballast() const;
    void make_ballast() const;
    void drop_ballast() const;

    /// Bytes free for us on the disk.
    std::uint64_t free_bytes() const;

  private:
    SpoolDirectory(std::filesystem::path path, UniqueFd lock)
        : path_(std::move(path)), lock_(std::move(lock)) {}
    std::filesystem::path free_name(std::string_view prefix, WallTime now) const;
    std::vector<std::filesystem::path> named(std::string_view prefix) const;
    void forget_oldest_corrupt() const;
    Result<void> sync() const { return flush_names(path_); }

    std::filesystem::path path_;
    UniqueFd lock_;
};

/// "<file>-wal": SQLite's name for the log of a database.
std::filesystem::path log_of(const std::filesystem::path& database);

}  // namespace pwlog
