// SPDX-License-Identifier: MIT
#include "trials.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

namespace pwlog::test {
namespace {

constexpr unsigned longest_life_s = 30;  // of a child whose parent was killed

std::pair<UniqueFd, UniqueFd> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::system_category(), "pipe2");
    }
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::string word_for(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::busy:
            return "busy";
        case ErrorKind::denied:
            return "denied";
        default:
            return "other";
    }
}

}  // namespace

std::unique_ptr<Link> open_or_fail(const std::string& name) {
    auto link = open_link({.name = name});
    INFO((link ? std::string() : link.error().message));
    REQUIRE(link);
    return std::move(*link);
}

std::string read_bytes(Link& link, std::size_t count) {
    std::string received;
    while (received.size() < count) {
        std::array<char, 64> buffer{};
        const auto got = link.read(buffer, soon(), {});
        INFO((got ? std::string() : got.error().message));
        REQUIRE(got);
        REQUIRE(*got > 0);
        received.append(buffer.data(), *got);
    }
    return received;
}

std::vector<int> descriptors_of(const std::string& path) {
    std::vector<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code closed;
        if (std::filesystem::read_symlink(entry.path(), closed) == path) {
            const auto name = entry.path().filename().string();
            std::from_chars(name.data(), name.data() + name.size(), found.emplace_back());
        }
    }
    return found;
}

std::chrono::microseconds cpu_time_of_thread() {
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    return std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

Child::Child(const std::function<std::string()>& body) {
    auto [reading, writing] = make_pipe();
    pid_ = fork();
    if (pid_ == 0) {
        alarm(longest_life_s);
        const auto words = body();
        const bool told = ::write(writing.get(), words.data(), words.size()) >= 0;
        writing.reset();
        while (told) {
            pause();
        }
        _exit(1);
    }
    words_ = std::move(reading);
}

Child::~Child() { kill(); }

std::string Child::said() const {
    std::string words;
    std::array<char, 1024> chunk{};
    for (ssize_t got = 0; (got = ::read(words_.get(), chunk.data(), chunk.size())) > 0;) {
        words.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return words;
}

void Child::kill() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        waitpid(std::exchange(pid_, -1), nullptr, 0);
    }
}

void become_nobody_if_root() {
    constexpr unsigned nobody = 65534;
    if (geteuid() == 0 &&
        (setgroups(0, nullptr) != 0 || setgid(nobody) != 0 || setuid(nobody) != 0)) {
        _exit(2);
    }
}

std::string try_open(const std::string& name) {
    const auto link = open_link({.name = name});
    return link ? "opened" : word_for(link.error().kind) + ": " + link.error().message;
}

}  // namespace pwlog::test
