#include "cli/command_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "terminal/logging.h"

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

void print_problem(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        fmt::print(stderr, "pwlog: {}\n", text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

int fail_with(const Error& error, ExitCode code) {
    print_problem(error.message);
    return status_of(code);
}

bool output_is_terminal() { return isatty(STDOUT_FILENO) == 1; }

std::size_t output_columns() {
    constexpr std::size_t usual = 80;
    winsize size{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : usual;
}

bool print(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
           std::fflush(stdout) == 0;
}

}  // namespace pwlog
