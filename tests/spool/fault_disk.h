// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

struct sqlite3_file;
struct sqlite3_vfs;

namespace pwlog::test {

/// SQLite's way to the disk while this lives, with faults on demand and a memory of what a power
/// cut would leave: what was flushed, and of the rest as much as chance wants. Everything does
/// reach the real files.
class FaultDisk {
  public:
    FaultDisk();
    ~FaultDisk();
    FaultDisk(const FaultDisk&) = delete;
    FaultDisk& operator=(const FaultDisk&) = delete;

    enum class Fault { none, io_error, disk_full, flush_error, torn_write };
    /// From the `after`-th next write or flush on, `times` of them fail.
    void fail(Fault fault, int after, int times);
    /// Writes and flushes so far.
    int operations() const { return operations_; }
    /// These pages of the spool cannot be read: EIO, as the system's own. Where its inode is given,
    /// of this file only.
    std::set<std::int64_t> unreadable_pages;
    std::uint64_t unreadable_inode = 0;
    /// Called before each write or flush, with its number.
    std::function<void(int)> before_operation;

    /// Puts into `directory` what would be found there after a power cut now.
    void cut_power(const std::filesystem::path& directory, std::mt19937& random) const;

  private:
    friend struct FaultFile;
    struct Write {
        std::int64_t offset;  ///< of the bytes; where there are none, the new size
        std::string bytes;
    };
    struct Image {
        std::string flushed;
        std::vector<Write> pending;
    };
    struct Methods;

    /// Which fault meets the operation that comes now.
    Fault next(bool is_flush);

    sqlite3_vfs* vfs_;
    sqlite3_vfs* real_;
    std::map<std::string, Image> images_;
    int operations_ = 0;
    Fault fault_ = Fault::none;
    int fail_from_ = 0;
    int fail_to_ = 0;
};

}  // namespace pwlog::test
