// SPDX-License-Identifier: MIT
#pragma once

namespace pwlog {

enum class LogLevel { error, warning, info, debug };

}  // namespace pwlog
