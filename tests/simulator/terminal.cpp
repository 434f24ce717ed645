// SPDX-License-Identifier: MIT
#include "terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <system_error>

namespace pwlog::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

short wait_for(int fd, short events, steady_clock::time_point until) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
    pollfd waiting{.fd = fd, .events = events, .revents = 0};
    poll(&waiting, 1, left > 0 ? static_cast<int>(left) : 0);
    return waiting.revents;
}

std::string read_until(int fd, milliseconds within,
                       const std::function<bool(const std::string&)>& enough) {
    const auto until = steady_clock::now() + within;
    std::string bytes;
    while (!enough(bytes)) {
        const short events = wait_for(fd, POLLIN, until);
        char byte = 0;
        if ((events & POLLIN) == 0 || ::read(fd, &byte, 1) != 1) {
            return bytes;
        }
        bytes += byte;
    }
    return bytes;
}

}  // namespace

Terminal::Terminal(const std::string& path)
    : fd_(::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    if (!fd_) {
        throw std::system_error(errno, std::system_category(), path);
    }
}

void Terminal::write(std::string_view bytes) const {
    if (::write(fd_.get(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
        throw std::system_error(errno, std::system_category(), "write");
    }
}

std::string Terminal::read(std::size_t count, milliseconds within) const {
    return read_until(fd_.get(), within,
                      [count](const std::string& bytes) { return bytes.size() >= count; });
}

std::string Terminal::read_line(milliseconds within) const {
    return read_until(fd_.get(), within,
                      [](const std::string& bytes) { return bytes.ends_with('\r'); });
}

bool Terminal::is_hung_up(milliseconds within) const {
    return (wait_for(fd_.get(), 0, steady_clock::now() + within) & POLLHUP) != 0;
}

std::string Terminal::ask(std::string_view command) const {
    write(std::string(command) + "\r");
    const auto line = read_line();
    return line.starts_with('(') && line.ends_with('\r') ? line.substr(1, line.size() - 2) : line;
}

}  // namespace pwlog::test
