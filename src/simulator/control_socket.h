// SPDX-License-Identifier: MIT
#pragma once

#include <poll.h>

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog::simulator {

/// A Unix socket that takes directives, one a line, and answers each with `ok` or `error …`. Any
/// number of talkers. One thread; its owner polls.
class ControlSocket {
  public:
    using Obey = std::function<Result<void>(std::string_view line)>;

    /// An old socket of that name is replaced, anything else is in the way.
    static Result<ControlSocket> open(const std::string& path, Obey obey);
    ControlSocket(ControlSocket&&) = default;
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;
    /// Removes the socket's name.
    ~ControlSocket();

    /// What to poll for.
    std::vector<pollfd> descriptors() const;
    /// Does what the descriptors, polled, ask for.
    void serve(const std::vector<pollfd>& polled);

  private:
    struct Talker {
        UniqueFd fd;
        std::string unfinished;
    };

    ControlSocket() = default;
    void accept_talker();
    bool hear(Talker& talker);

    std::string path_;
    UniqueFd listener_;
    Obey obey_;
    std::vector<Talker> talkers_;
};

}  // namespace pwlog::simulator
