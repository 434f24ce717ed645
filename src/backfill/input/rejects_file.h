// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// FNV-1a: it only has to tell files apart.
inline constexpr std::uint64_t fnv_start = 0xcbf29ce484222325;
std::uint64_t fnv_hash(std::string_view bytes, std::uint64_t start = fnv_start);

/// One line that was not stored, with the reason.
struct RejectedLine {
    std::uint64_t line = 0;  ///< in the source; 0: none
    std::string reason;
    std::string text;        ///< one line, as it came; empty: nothing to keep
    std::size_t source = 0;  ///< which one, where several are read together
};

/// Whose lines they are.
struct RejectsOrigin {
    std::string name{};    ///< in the comments
    std::string header{};  ///< has to stand before its lines: a CSV's
};

/// What a rejects file holds: its first so many bytes, told by their hash.
struct RejectsMark {
    std::uint64_t bytes = 0;
    std::uint64_t hash = fnv_start;
};

/// Where the lines go that could not be read or were refused: each as it came, below a comment
/// with place and reason. Comments are left out by every reader, so once the lines are mended the
/// file is a source itself. It comes into being with the first line.
class RejectsFile {
  public:
    /// Of sources that are read together, by their numbers.
    RejectsFile(std::filesystem::path path, std::vector<RejectsOrigin> origins);

    /// Begins anew; what an earlier run left there is kept as `….old`.
    Result<void> start();
    /// Goes on behind what the mark says; what follows it was never part of a saved state. A file
    /// that holds something else there was mended in the meantime: it stays, and the rest is added.
    Result<void> resume(const RejectsMark& mark);
    /// Goes on behind what another source has left there.
    Result<void> append();
    Result<void> add(const RejectedLine& reject);
    /// Makes durable what was added.
    Result<void> sync();

    std::uint64_t bytes() const { return mark_.bytes; }
    const RejectsMark& mark() const { return mark_; }
    const std::filesystem::path& path() const { return path_; }

  private:
    Result<void> open(int flags);
    /// Whether the file begins with what the mark says; moves behind it.
    bool holds(const RejectsMark& mark) const;
    Result<void> write_text(std::string_view text);

    std::filesystem::path path_;
    std::vector<RejectsOrigin> origins_;
    std::optional<std::size_t> last_origin_;  // whose header stands above
    UniqueFd fd_;
    RejectsMark mark_;
    bool dirty_ = false;
    bool append_ = false;
    bool new_ = false;  ///< its name is not on the disk yet
};

/// `archive.ndjson:17: @timestamp is missing`
std::string describe(std::string_view source, const RejectedLine& reject);

}  // namespace pwlog
