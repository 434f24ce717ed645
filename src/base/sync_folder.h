// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace pwlog {

/// Makes the names in the folder of `file` safe against a power cut: a new file's, a renamed one's.
/// False where it cannot; errno says why.
bool sync_folder_of(const std::filesystem::path& file);

}  // namespace pwlog
