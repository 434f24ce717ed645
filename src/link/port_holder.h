// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <string>

namespace pwlog {

/// Who has the device at `path` open, for a message: "pid 4711 (nutdrv_qx)". Best effort, from
/// /proc: other users' processes can be looked into by root only.
std::string holder_of(const std::string& path);

/// "pid 4711 (nutdrv_qx)", this program itself, or "another program" where the kernel won't say.
std::string described_process(pid_t pid);

}  // namespace pwlog
