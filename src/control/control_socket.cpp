// SPDX-License-Identifier: MIT
#include "control/control_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

namespace pwlog {

namespace {

constexpr int waiting_clients = 128;

tl::unexpected<Error> path_error(const std::filesystem::path& path, std::string_view what,
                                 int error) {
    ErrorKind kind = ErrorKind::io;
    if (error == EACCES || error == EPERM || error == EROFS) {
        kind = ErrorKind::denied;
    } else if (error == ENOENT || error == ENOTDIR) {
        kind = ErrorKind::not_found;
    } else if (error == EAGAIN) {
        kind = ErrorKind::busy;
    }
    return fail(kind, fmt::format("control socket {}: {}: {}", path.string(), what,
                                  std::generic_category().message(error)));
}

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string& text = path.native();
    if (text.empty() || text.size() >= sizeof address.sun_path) {
        return fail(ErrorKind::invalid,
                    fmt::format("control socket {}: a socket's path has 1 to {} characters", text,
                                sizeof address.sun_path - 1));
    }
    std::memcpy(address.sun_path, text.data(), text.size());
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);  // as connect(2) and bind(2) want it
}

/// Not blocking: connecting to a daemon whose queue is full would wait for ever (EAGAIN instead).
UniqueFd new_socket() {
    return UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

/// `create`: O_CREAT, or 0 where a lock that is not there is left so.
Result<UniqueFd> take_lock(const std::filesystem::path& path, int create) {
    const std::string name = path.string() + ".lock";
    UniqueFd lock(open(name.c_str(), O_RDWR | create | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) {
        return path_error(path, "its lock file cannot be opened", errno);
    }
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(ErrorKind::busy,
                        fmt::format("control socket {}: another pwlog run holds it; `pwlog "
                                    "status` asks it",
                                    path.string()));
        }
        return path_error(path, "locking", errno);
    }
    return lock;
}

/// Nothing, or a socket, has the name.
Result<bool> is_taken(const std::filesystem::path& path) {
    struct stat info {};
    if (lstat(path.c_str(), &info) != 0) {
        return false;
    }
    if (!S_ISSOCK(info.st_mode)) {
        return fail(ErrorKind::invalid,
                    fmt::format("control socket {}: something that is not a socket has that name: "
                                "move it away, or name another control_socket",
                                path.string()));
    }
    return true;
}

/// Takes away what a killed process left. Only with the lock held.
Result<void> clear(const std::filesystem::path& path) {
    const auto taken = is_taken(path);
    if (!taken || !*taken) {
        return taken ? Result<void>() : pass_on(taken);
    }
    if (const auto peer = connect_to(path); peer || peer.error().kind != ErrorKind::not_found) {
        return fail(ErrorKind::busy,
                    fmt::format("control socket {}: another program listens there", path.string()));
    }
    if (unlink(path.c_str()) != 0) {
        return path_error(path, "a dead one cannot be removed", errno);
    }
    return {};
}

Result<UniqueFd> bind_and_listen(const std::filesystem::path& path) {
    const auto address = address_of(path);
    if (!address) {
        return pass_on(address);
    }
    UniqueFd listener = new_socket();
    if (!listener || bind(listener.get(), generic(*address), sizeof *address) != 0) {
        return path_error(path, "cannot be made", errno);
    }
    // Before listen(): until then nobody can connect, whatever the umask made of the mode.
    if (chmod(path.c_str(), 0660) != 0 || listen(listener.get(), waiting_clients) != 0) {
        return path_error(path, "cannot be opened to others", errno);
    }
    return listener;
}

}  // namespace

Result<ControlSocket> ControlSocket::listen_at(const std::filesystem::path& path) {
    if (const auto address = address_of(path); !address) {
        return pass_on(address);
    }
    if (mkdir(path.parent_path().c_str(), 0750) != 0 && errno != EEXIST) {
        return path_error(path, "its folder cannot be made", errno);
    }
    auto lock = take_lock(path, O_CREAT);
    // The doctor has it for a moment when it looks.
    for (int i = 0; i < 20 && !lock && lock.error().kind == ErrorKind::busy; ++i) {
        (void)poll(nullptr, 0, 50);
        lock = take_lock(path, O_CREAT);
    }
    if (!lock) {
        return pass_on(lock);
    }
    if (auto cleared = clear(path); !cleared) {
        return pass_on(cleared);
    }
    auto listener = bind_and_listen(path);
    if (!listener) {
        return pass_on(listener);
    }
    return ControlSocket(path, *std::move(lock), *std::move(listener));
}

Result<void> ControlSocket::check(const std::filesystem::path& path) {
    if (const auto address = address_of(path); !address) {
        return pass_on(address);
    }
    const auto folder = path.parent_path();
    if (access(folder.c_str(), F_OK) != 0 && errno == ENOENT) {
        return access(folder.parent_path().c_str(), W_OK | X_OK) == 0
                   ? Result<void>()
                   : path_error(path, "its folder cannot be made", errno);
    }
    if (access((folder / "").c_str(), W_OK | X_OK) != 0) {
        return path_error(path, "its lock file cannot be opened", errno);
    }
    if (const auto lock = take_lock(path, 0); !lock && lock.error().kind != ErrorKind::not_found) {
        return pass_on(lock);
    }
    const auto taken = is_taken(path);
    return taken ? Result<void>() : pass_on(taken);
}

ControlSocket::~ControlSocket() {
    if (socket_) {  // not moved from
        unlink(path_.c_str());
    }
}

UniqueFd ControlSocket::accept() const {
    return UniqueFd(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
}

Result<UniqueFd> connect_to(const std::filesystem::path& path) {
    const auto address = address_of(path);
    if (!address) {
        return pass_on(address);
    }
    UniqueFd client = new_socket();
    if (client && connect(client.get(), generic(*address), sizeof *address) == 0) {
        return client;
    }
    const int error = errno == ECONNREFUSED ? ENOENT : errno;  // a socket that nobody serves
    return path_error(path, "cannot reach the daemon", error);
}

bool peer_is_allowed(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return false;
    }
    if (peer.uid == 0 || peer.uid == geteuid() || peer.gid == getegid()) {
        return true;
    }
    std::vector<gid_t> groups(256);
    size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) != 0) {
        return false;
    }
    groups.resize(size / sizeof(gid_t));
    return std::find(groups.begin(), groups.end(), getegid()) != groups.end();
}

std::string user_name(uid_t user) {
    std::array<char, 16 * 1024> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    const bool known =
        getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
    return known ? found->pw_name : std::to_string(user);
}

std::string peer_user(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    const bool known = getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
    return known ? user_name(peer.uid) : "unknown";
}

}  // namespace pwlog
