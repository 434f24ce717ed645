// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

namespace pwlog {

/// What lies in a folder, as far as it can be read: none where it is absent, or goes away meanwhile
/// (/proc/PID/fd of a process that ends). A loop over std::filesystem's own iterator would throw.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

}  // namespace pwlog
