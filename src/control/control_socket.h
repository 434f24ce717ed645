// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// A listening unix socket with a name of its own, mode 0660. A lock file beside it (its name with
/// ".lock") is held as long: who has the lock may take away a socket that a killed process left.
class ControlSocket {
  public:
    /// Makes the folder too, if its parent is there. Errors: busy (somebody listens there), invalid
    /// (path too long, or taken by something that is no socket), denied, not_found, io.
    static Result<ControlSocket> listen_at(const std::filesystem::path& path);

    /// Whether that would go well; makes nothing, but takes the lock for a moment.
    static Result<void> check(const std::filesystem::path& path);

    ControlSocket(ControlSocket&&) = default;
    ControlSocket& operator=(ControlSocket&&) = delete;
    /// Removes the socket; the lock file stays, as removing a lock is a race.
    ~ControlSocket();

    /// The next client; not blocking. No descriptor where none waits.
    UniqueFd accept() const;
    int fd() const { return socket_.get(); }

  private:
    ControlSocket(std::filesystem::path path, UniqueFd lock, UniqueFd socket)
        : path_(std::move(path)), lock_(std::move(lock)), socket_(std::move(socket)) {}

    std::filesystem::path path_;
    UniqueFd lock_;
    UniqueFd socket_;
};

/// Connects to such a socket. Errors: not_found (nobody listens there), busy (it has too many
/// clients waiting), denied, invalid, io.
Result<UniqueFd> connect_to(const std::filesystem::path& path);

/// Whether the peer may ask: root, our own user, or somebody in our group. Mode 0660 says the same;
/// this holds where the folder or the mode was changed.
bool peer_is_allowed(int socket);

/// The user's name, or the number where it has none.
std::string user_name(uid_t user);
/// The same of the peer.
std::string peer_user(int socket);

}  // namespace pwlog
