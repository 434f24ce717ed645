// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "link/link.h"
#include "support/pty.h"

namespace pwlog::test {

inline SteadyTime in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
}

/// Long enough for the slowest machine: what ends at this deadline has failed.
inline SteadyTime soon() { return in(std::chrono::seconds(20)); }

/// Opens the port by open_link(); the case fails if that does.
std::unique_ptr<Link> open_or_fail(const std::string& name);

/// Reads until `count` bytes came.
std::string read_bytes(Link& link, std::size_t count);

/// The kind of an error. error() of a success is undefined, and may well look like a timeout.
template <class T>
ErrorKind kind_of_failure(const Result<T>& result) {
    if (result) {
        throw std::logic_error("succeeded where a failure was expected");
    }
    return result.error().kind;
}

/// Our descriptors that have `path` open.
std::vector<int> descriptors_of(const std::string& path);

/// What this thread has computed so far, in the program and in the kernel.
std::chrono::microseconds cpu_time_of_thread();

/// A child process that runs `body`, and then waits until it is killed, at the latest when this
/// goes out of scope. `body` returns the text the parent reads by said(); no Catch2 in there.
class Child {
  public:
    explicit Child(const std::function<std::string()>& body);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const { return pid_; }
    /// What body() returned; waits for it.
    std::string said() const;
    /// SIGKILL, and waits for the end.
    void kill();

  private:
    pid_t pid_ = -1;
    UniqueFd words_;
};

/// In a child of a root process: becomes a user without rights. Root is refused nothing, so what
/// the kernel refuses is seen by others only.
void become_nobody_if_root();

/// Opens the port and says "kind: message", or "opened".
std::string try_open(const std::string& name);

}  // namespace pwlog::test
