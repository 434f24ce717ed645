// SPDX-License-Identifier: MIT
#include "terminal/output.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "terminal/logging.h"
#include "terminal/terminal_text.h"

namespace pwlog {

void print_problem(std::string_view text) {
    static const bool to_journal = detect_log_target() == LogTarget::journal;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        write_error(fmt::format("{}pwlog: {}\n", to_journal ? "<3>" : "",
                                terminal_text(text.substr(0, end))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void write_error(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
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
