// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backfill/input/rejects_file.h"
#include "backfill/run/tally.h"
#include "backfill/sources/record_source.h"
#include "base/result.h"

namespace pwlog {

/// How far a run came: everything before `position` is decided, stored or kept aside.
struct ResumeState {
    std::string source;  ///< which source, with a fingerprint of its content
    std::string target;  ///< which cluster
    std::string plan;    ///< everything else that decides what is sent: map, filters, kind
    SourcePosition position;
    Tally tally;
    std::vector<RejectsMark> rejects{};  ///< what the rejects files held at this place
};

/// The file that a run goes on from. It is replaced as a whole (written beside, fsynced, renamed),
/// so a kill at any moment leaves the old or the new one.
class ResumeFile {
  public:
    explicit ResumeFile(std::filesystem::path path) : path_(std::move(path)) {}

    /// None where there is no file.
    Result<std::optional<ResumeState>> load() const;
    Result<void> save(const ResumeState& state) const;
    Result<void> remove() const;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// Names a file by its content as far as it can be told cheaply: its length, a hash of its first
/// and of its last 64 KiB, and when it was changed. `size`: as it was when it had so many bytes; of
/// one that has grown since, the time says nothing and is left out.
Result<std::string> file_fingerprint(const std::string& path,
                                     std::optional<std::uint64_t> size = std::nullopt);
/// The length in a fingerprint.
std::uint64_t fingerprinted_size(const std::string& fingerprint);

}  // namespace pwlog
