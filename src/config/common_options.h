// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>

#include "base/log_level.h"

namespace pwlog {

/// Options that every subcommand takes, before or behind its name.
struct CommonOptions {
    std::filesystem::path config_file = "/etc/pwlog/pwlog.toml";
    std::optional<LogLevel> log_level;  ///< none = what the configuration says
};

}  // namespace pwlog
