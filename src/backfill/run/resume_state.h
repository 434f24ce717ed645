#pragma once

#include <filesystem>
#include <optional>
#include <string>

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
    std::uint64_t rejects_bytes = 0;  ///< length of the rejects file at this place
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

/// Names a file by its content as far as it can be told cheaply: length and hash of its first
/// 64 KiB. A file that grows keeps its name only once it is longer than that.
Result<std::string> file_fingerprint(const std::string& path);

}  // namespace pwlog
