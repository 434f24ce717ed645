// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace pwlog::test {

/// What becomes of the names in a folder that was not synced when the power went. File systems do
/// the one or the other, or anything between.
enum class Names {
    kept,  ///< each rename, new file and unlink is on the disk already, whatever was in it
    lost,  ///< none since the folder was synced
};

/// What a disk would hold after a power cut: of each file below a folder the content that was
/// synced, and the changes since. A sync that failed forgets the changes, as Linux does: the pages
/// count as clean, and no later sync writes them.
class DiskRecord {
  public:
    /// All that is in the folder now is on the disk.
    void start(const std::filesystem::path& folder);
    bool knows(ino_t inode) const { return by_inode_.contains(inode); }

    void opened(const std::string& path, ino_t inode, bool emptied);
    void written(ino_t inode, std::int64_t offset, std::string_view bytes);
    void truncated(ino_t inode, std::int64_t size);
    void synced(ino_t inode, bool worked);
    void renamed(const std::string& from, const std::string& to);
    void unlinked(const std::string& path);

    /// Writes into an empty folder what a power cut now would leave. With `luck` each change that
    /// was not synced has its own; without it they are all lost.
    void remains(const std::filesystem::path& into, Names names,
                 std::mt19937* luck = nullptr) const;

  private:
    struct Change {
        std::int64_t offset;  ///< of the bytes; where there are none, the new size
        std::string bytes;
    };
    struct File {
        std::string synced;
        std::vector<Change> changes;
    };
    File& file_of(ino_t inode) { return files_[by_inode_.at(inode)]; }

    std::string folder_;
    ino_t folder_inode_ = 0;
    std::vector<File> files_;
    std::map<ino_t, std::size_t> by_inode_;
    std::map<std::string, std::size_t> names_;
    std::map<std::string, std::size_t> synced_names_;
};

}  // namespace pwlog::test
