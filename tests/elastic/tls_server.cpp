// SPDX-License-Identifier: MIT
#include "tls_server.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "base/unique_fd.h"

extern char** environ;

namespace pwlog::test {

namespace {

/// Starts openssl with its output on `output`, its input empty.
pid_t start(const std::vector<std::string>& arguments, int output) {
    std::vector<std::string> words{"openssl"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    pid_t pid = -1;
    const int error = posix_spawnp(&pid, "openssl", &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return error == 0 ? pid : -1;
}

bool succeeds(const std::vector<std::string>& arguments) {
    const UniqueFd nowhere(open("/dev/null", O_WRONLY | O_CLOEXEC));
    const pid_t pid = start(arguments, nowhere.get());
    int status = -1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/// Reads until the line "ACCEPT 127.0.0.1:12345" is whole.
std::uint16_t read_port(int fd) {
    std::string text;
    std::array<char, 512> bytes{};
    for (;;) {
        const auto at = text.find("ACCEPT 127.0.0.1:");
        if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
            return static_cast<std::uint16_t>(std::stoi(text.substr(at + 17)));
        }
        pollfd waiting{fd, POLLIN, 0};
        if (poll(&waiting, 1, 20'000) <= 0) {
            throw std::runtime_error("openssl s_server did not start: " + text);
        }
        const ssize_t count = read(fd, bytes.data(), bytes.size());
        if (count <= 0) {
            throw std::runtime_error("openssl s_server ended: " + text);
        }
        text.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

}  // namespace

bool have_openssl() { return succeeds({"version"}); }

void openssl(const std::vector<std::string>& arguments) {
    if (!succeeds(arguments)) {
        throw std::runtime_error("openssl " + arguments.front() + " failed");
    }
}

TlsServer::TlsServer(const std::vector<std::string>& arguments) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    const UniqueFd reading(ends[0]);
    UniqueFd writing(ends[1]);
    std::vector<std::string> all{"s_server", "-accept", "127.0.0.1:0", "-www"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    pid_ = start(all, writing.get());
    writing.reset();
    port_ = read_port(reading.get());
}

TlsServer::~TlsServer() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

}  // namespace pwlog::test
