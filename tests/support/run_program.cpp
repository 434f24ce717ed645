// SPDX-License-Identifier: MIT
#include "support/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "base/unique_fd.h"

namespace pwlog::test {

namespace {

struct Pipe {
    UniqueFd read_end;
    UniqueFd write_end;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe2 failed");
    }
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

[[noreturn]] void become(const std::vector<std::string>& command, int out, int err) {
    std::vector<char*> arguments;
    for (const std::string& argument : command) {
        arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    const int nothing = open("/dev/null", O_RDONLY);
    dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
}

/// Takes what is there; false at the end.
bool take(UniqueFd& fd, std::string& text) {
    std::array<char, 4096> piece{};
    const ssize_t count = read(fd.get(), piece.data(), piece.size());
    if (count <= 0) {
        fd.reset();
        return false;
    }
    text.append(piece.data(), static_cast<std::size_t>(count));
    return true;
}

}  // namespace

ProgramOutput run_program(const std::vector<std::string>& command, std::chrono::seconds deadline) {
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    const pid_t child = fork();
    if (child < 0) {
        throw std::runtime_error("fork failed");
    }
    if (child == 0) {
        become(command, out.write_end.get(), err.write_end.get());
    }
    out.write_end.reset();
    err.write_end.reset();
    ProgramOutput output;
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (out.read_end || err.read_end) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        std::array<pollfd, 2> fds{
            {{out.read_end.get(), POLLIN, 0}, {err.read_end.get(), POLLIN, 0}}};
        if (left.count() <= 0 ||
            poll(fds.data(), fds.size(), static_cast<int>(left.count())) <= 0) {
            kill(child, SIGKILL);
            break;
        }
        if (fds[0].revents != 0) {
            take(out.read_end, output.out);
        }
        if (fds[1].revents != 0) {
            take(err.read_end, output.err);
        }
    }
    int status = 0;
    waitpid(child, &status, 0);
    output.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return output;
}

}  // namespace pwlog::test
