// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string_view>

namespace pwlog::test {

/// A fresh folder under the system's temporary one; removed with all it holds in the destructor.
class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::filesystem::path& path() const { return path_; }

    /// Writes `text` to `name` in the folder with mode 0600 and returns its path.
    std::filesystem::path write(std::string_view name, std::string_view text) const;

  private:
    std::filesystem::path path_;
};

}  // namespace pwlog::test
