#pragma once

#include <string>

namespace pwlog {

/// Who has the device at `path` open, for a message: "pid 4711 (nutdrv_qx)". Best effort, from
/// /proc: other users' processes can be looked into by root only.
std::string holder_of(const std::string& path);

}  // namespace pwlog
