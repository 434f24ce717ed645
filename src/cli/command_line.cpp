// SPDX-License-Identifier: MIT
#include "cli/command_line.h"

#include "terminal/logging.h"
#include "terminal/output.h"

namespace pwlog {

std::optional<Config> read_config(const CommonOptions& common) {
    auto config = load_config(common.config_file);
    if (!config) {
        print_problem(config.error().message);
        return std::nullopt;
    }
    if (common.log_level) {
        config->log_level = *common.log_level;
    }
    set_up_logging(config->log_level);
    return *std::move(config);
}

}  // namespace pwlog
