// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// Takes the lock file, made where there is none, for as long as the descriptor is open; writes our
/// pid into it. No descriptor where there is no file and the disk is read-only. ErrorKind::busy,
/// naming the holder, where it is taken.
Result<UniqueFd> lock_instance(const std::filesystem::path& file);

/// The process that holds a lock of any kind on this file, from /proc/locks; none where there is
/// none or it cannot be told.
std::optional<int> lock_holder(const std::filesystem::path& file);

}  // namespace pwlog
