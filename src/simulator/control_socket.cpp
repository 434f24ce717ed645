// SPDX-License-Identifier: MIT
#include "simulator/control_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace pwlog::simulator {
namespace {

constexpr std::size_t longest_line = 4096;

bool is_socket(const std::string& path) {
    struct stat found {};
    return lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

}  // namespace

Result<ControlSocket> ControlSocket::open(const std::string& path, Obey obey) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return fail(ErrorKind::invalid,
                    fmt::format("the control socket's path is too long: {}", path));
    }
    path.copy(static_cast<char*>(address.sun_path), path.size());
    if (is_socket(path)) {
        unlink(path.c_str());
    }
    ControlSocket control;
    control.listener_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    constexpr int waiting_talkers = 8;
    if (!control.listener_ ||
        bind(control.listener_.get(), reinterpret_cast<const sockaddr*>(&address),
             sizeof(address)) != 0 ||
        chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 ||
        listen(control.listener_.get(), waiting_talkers) != 0) {
        return fail(ErrorKind::io,
                    fmt::format("making the control socket {}: {}", path, std::strerror(errno)));
    }
    control.path_ = path;
    control.obey_ = std::move(obey);
    return control;
}

ControlSocket::~ControlSocket() {
    if (listener_) {
        unlink(path_.c_str());
    }
}

std::vector<pollfd> ControlSocket::descriptors() const {
    std::vector<pollfd> all{{.fd = listener_.get(), .events = POLLIN, .revents = 0}};
    for (const auto& talker : talkers_) {
        all.push_back({.fd = talker.fd.get(), .events = POLLIN, .revents = 0});
    }
    return all;
}

void ControlSocket::serve(const std::vector<pollfd>& polled) {
    for (const auto& each : polled) {
        if (each.revents == 0) {
            continue;
        }
        if (each.fd == listener_.get()) {
            accept_talker();
            continue;
        }
        std::erase_if(talkers_,
                      [&](Talker& talker) { return talker.fd.get() == each.fd && !hear(talker); });
    }
}

void ControlSocket::accept_talker() {
    UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd) {
        talkers_.push_back({std::move(fd), ""});
    }
}

/// False where the talker is gone, or never ends a line.
bool ControlSocket::hear(Talker& talker) {
    std::array<char, 1024> chunk{};
    const auto count = recv(talker.fd.get(), chunk.data(), chunk.size(), 0);
    if (count <= 0) {
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    }
    talker.unfinished.append(chunk.data(), static_cast<std::size_t>(count));
    while (true) {
        const auto end = talker.unfinished.find('\n');
        if (end == std::string::npos) {
            return talker.unfinished.size() <= longest_line;
        }
        const auto done = obey_(std::string_view(talker.unfinished).substr(0, end));
        talker.unfinished.erase(0, end + 1);
        const std::string reply = done ? "ok\n" : "error " + done.error().message + "\n";
        if (send(talker.fd.get(), reply.data(), reply.size(), MSG_NOSIGNAL) < 0) {
            return false;
        }
    }
}

}  // namespace pwlog::simulator
