// SPDX-License-Identifier: MIT
#include "terminal/confirm.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>

#include "base/stop_event.h"
#include "terminal/output.h"
#include "terminal/terminal_text.h"

namespace pwlog {
namespace {

/// Empty where a stop or the input's end came first: Ctrl-C is a stop here, no signal.
std::string read_line(const std::stop_token& stop) {
    const StopEvent stop_event(stop);
    std::array<pollfd, 2> fds{{{STDIN_FILENO, POLLIN, 0}, {stop_event.fd(), POLLIN, 0}}};
    poll(fds.data(), fds.size(), -1);
    std::array<char, 64> line{};
    if (fds[1].revents != 0) {
        write_error("\n");
        return {};
    }
    const auto count = read(STDIN_FILENO, line.data(), line.size());
    return {line.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
}

}  // namespace

Result<void> confirm(const std::string& question, bool yes, const std::stop_token& stop) {
    if (yes) {
        return {};
    }
    if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
        return fail(ErrorKind::denied, "no terminal for the confirmation: `--yes` skips it");
    }
    write_error(fmt::format("{} [y/N] ", terminal_text(question)));
    const std::string answer = read_line(stop);
    if (answer == "y\n" || answer == "Y\n" || answer == "yes\n") {
        return {};
    }
    return fail(ErrorKind::denied, "Cancelled; nothing was sent");
}

}  // namespace pwlog
