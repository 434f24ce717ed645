// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

namespace pwlog {

/// How a file is written whole. False where that fails; errno says why.
struct FileWriting {
    mode_t mode = 0600;
    bool durable = true;  ///< is there after a power cut

    /// Makes the file with these bytes. What stands in its place goes: a link is not followed.
    bool make(const std::filesystem::path& file, std::string_view bytes) const;
    /// Makes FILE.new, and puts it in the place of FILE in one step: who reads sees the old text or
    /// the new one.
    bool replace(const std::filesystem::path& file, std::string_view bytes) const;
};

}  // namespace pwlog
