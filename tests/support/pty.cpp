// SPDX-License-Identifier: MIT
#include "support/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace pwlog::test {
namespace {

[[noreturn]] void refuse(const char* tried) {
    throw std::system_error(errno, std::system_category(), tried);
}

bool wait_readable(int fd, std::chrono::steady_clock::time_point deadline) {
    using namespace std::chrono;
    for (;;) {
        const auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
        pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
        const int count = poll(&waiting, 1, static_cast<int>(std::max<long long>(left, 0)));
        if (count >= 0 || errno != EINTR) {
            return count > 0;
        }
    }
}

}  // namespace

Pty::Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    std::array<char, 64> name{};
    if (!master_ || grantpt(master_.get()) != 0 || unlockpt(master_.get()) != 0 ||
        ptsname_r(master_.get(), name.data(), name.size()) != 0) {
        refuse("posix_openpt");
    }
    slave_path_ = name.data();
}

void Pty::link_as(const std::filesystem::path& link) const {
    auto fresh = link;
    fresh += ".new";
    std::filesystem::remove(fresh);
    std::filesystem::create_symlink(slave_path_, fresh);
    std::filesystem::rename(fresh, link);
}

void Pty::write(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto sent = ::write(master_.get(), bytes.data(), bytes.size());
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno != EINTR) {
            refuse("write to the PTY's master");
        }
    }
}

std::string Pty::read(std::size_t at_least, std::chrono::milliseconds within) const {
    const auto deadline = std::chrono::steady_clock::now() + within;
    std::string received;
    while (received.size() < at_least && wait_readable(master_.get(), deadline)) {
        std::array<char, 1024> chunk{};
        const auto got = ::read(master_.get(), chunk.data(), chunk.size());
        if (got > 0) {
            received.append(chunk.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || errno != EINTR) {
            break;  // EIO: no slave is open
        }
    }
    return received;
}

}  // namespace pwlog::test
