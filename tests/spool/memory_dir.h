// SPDX-License-Identifier: MIT
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace pwlog::test {

/// As TempDir, but in memory where the machine has /dev/shm: for tests that open hundreds of
/// spools.
class MemoryDir {
  public:
    MemoryDir() {
        const std::filesystem::path shared = "/dev/shm";
        std::string pattern =
            ((std::filesystem::is_directory(shared) ? shared
                                                    : std::filesystem::temp_directory_path()) /
             "pwlog-test-XXXXXX")
                .string();
        path_ = mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    }
    ~MemoryDir() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    MemoryDir(const MemoryDir&) = delete;
    MemoryDir& operator=(const MemoryDir&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace pwlog::test
