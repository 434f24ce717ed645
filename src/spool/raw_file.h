#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// A spool file's bytes, read-only, for looking at it before SQLite does or after SQLite gave up.
/// Never used while SQLite has the same file open: closing any descriptor of a file drops the
/// process's POSIX locks on it, SQLite's too.
class RawFile {
  public:
    /// Follows no link. ErrorKind::not_found where there is no such file.
    static Result<RawFile> open(const std::filesystem::path& file);

    std::uint64_t size() const { return size_; }
    /// What is there of `length` bytes from `offset`: shorter at the end or where the disk refuses.
    std::string read(std::uint64_t offset, std::size_t length) const;

  private:
    RawFile(UniqueFd fd, std::uint64_t size) : fd_(std::move(fd)), size_(size) {}

    UniqueFd fd_;
    std::uint64_t size_;
};

}  // namespace pwlog
