#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pwlog {

/// SQLite's write-ahead log, read without SQLite
/// (https://www.sqlite.org/fileformat2.html#walformat):
///
///     32-byte header: magic, version, page size, sequence, salt 1, salt 2, checksum 1, checksum 2
///     frames of 24 + page_size: page number, file size if a commit, salts 1, 2, checksums 1, 2;
///     page
///
/// Checksums go on from frame to frame, and SQLite takes the log to end at the first that is wrong:
/// one flipped bit silently drops all that was committed after it. This notices, and keeps a copy
/// in memory, since SQLite begins to overwrite such a rest with its first commit.
class WalFile {
  public:
    struct Frame {
        std::uint32_t page_number;
        std::uint64_t page_offset;  ///< where its page starts in the log
        bool current;   ///< written since the log last began anew: has the header's salts
        bool readable;  ///< SQLite reads it: its checksums are right, all before it is readable,
                        ///< and the commit of its transaction is
        bool commit;    ///< the last of a transaction
    };

    /// A missing or empty log has no frames.
    static Result<WalFile> open(const std::filesystem::path& file);

    const std::vector<Frame>& frames() const { return frames_; }
    std::string_view page(const Frame& frame) const;
    /// The newest readable and committed version of a page.
    std::optional<std::string_view> newest(std::uint32_t page_number) const;
    /// Something is there that was once whole and is not now: by a flipped bit or a power cut.
    bool is_damaged() const { return damaged_; }
    /// A frame that was lost so. Where the header is wrong it cannot be told which ones are old.
    bool is_lost(const Frame& frame) const {
        return !frame.readable && (frame.current || header_damaged_);
    }

  private:
    void read_frames();

    std::string bytes_;  // all of it: a log of ours is below 2 MiB
    std::vector<Frame> frames_;
    bool header_damaged_ = false;
    bool damaged_ = false;
};

}  // namespace pwlog
