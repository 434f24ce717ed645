// SPDX-License-Identifier: MIT
#include "control/control_socket.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "support/temp_dir.h"

using namespace pwlog;

namespace {

ErrorKind kind_at(const std::filesystem::path& path) {
    const auto socket = ControlSocket::listen_at(path);
    REQUIRE_FALSE(socket);
    INFO(socket.error().message);
    CHECK(socket.error().message.find(path.string()) != std::string::npos);
    return socket.error().kind;
}

/// A process that listens at `path` and is killed: its socket stays behind.
void leave_a_dead_socket(const std::filesystem::path& path) {
    std::array<int, 2> ready{};
    REQUIRE(pipe(ready.data()) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const auto socket = ControlSocket::listen_at(path);
        const char state = socket ? 'y' : 'n';
        static_cast<void>(!write(ready[1], &state, 1));
        pause();
        _exit(0);
    }
    char state = 0;
    REQUIRE(read(ready[0], &state, 1) == 1);
    CHECK(state == 'y');
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
}

}  // namespace

TEST_CASE("the socket is for owner and group alone, whatever the umask", "[agent]") {
    const test::TempDir folder;
    for (const mode_t mask : {0, 077, 0777}) {
        const mode_t before = umask(mask);
        const auto socket = ControlSocket::listen_at(folder.path() / "s");
        umask(before);
        REQUIRE(socket);
        struct stat info {};
        REQUIRE(stat((folder.path() / "s").c_str(), &info) == 0);
        CHECK((info.st_mode & 07777U) == 0660);
    }
}

TEST_CASE("the folder of the socket is made if only that is missing", "[agent]") {
    const test::TempDir folder;
    CHECK(ControlSocket::listen_at(folder.path() / "run" / "s"));
    CHECK(kind_at(folder.path() / "a" / "b" / "s") == ErrorKind::not_found);
}

TEST_CASE("a socket in use is busy, and stays in use", "[agent]") {
    const test::TempDir folder;
    const auto path = folder.path() / "s";
    const auto first = ControlSocket::listen_at(path);
    REQUIRE(first);
    CHECK(kind_at(path) == ErrorKind::busy);
    CHECK(connect_to(path));
}

TEST_CASE("the socket that a killed process left is replaced", "[agent]") {
    const test::TempDir folder;
    const auto path = folder.path() / "s";
    leave_a_dead_socket(path);
    REQUIRE(std::filesystem::exists(path));
    CHECK_FALSE(connect_to(path));
    const auto socket = ControlSocket::listen_at(path);
    REQUIRE(socket);
    CHECK(connect_to(path));
}

TEST_CASE("a socket is gone when its owner is", "[agent]") {
    const test::TempDir folder;
    const auto path = folder.path() / "s";
    { REQUIRE(ControlSocket::listen_at(path)); }
    CHECK_FALSE(std::filesystem::exists(path));
    const auto client = connect_to(path);
    REQUIRE_FALSE(client);
    CHECK(client.error().kind == ErrorKind::not_found);
}

TEST_CASE("nothing but a dead socket is ever removed", "[agent]") {
    const test::TempDir folder;
    const auto file = folder.write("file", "precious");
    CHECK(kind_at(file) == ErrorKind::invalid);
    std::filesystem::create_symlink(file, folder.path() / "link");
    CHECK(kind_at(folder.path() / "link") == ErrorKind::invalid);
    CHECK(std::filesystem::file_size(file) == 8);
    CHECK(std::filesystem::is_symlink(folder.path() / "link"));
    // A lock file that is a link somewhere else is not followed.
    std::filesystem::create_symlink(file, folder.path() / "s.lock");
    CHECK_FALSE(ControlSocket::listen_at(folder.path() / "s"));
}

TEST_CASE("a path too long for a socket is told so", "[agent]") {
    const test::TempDir folder;
    CHECK(kind_at(folder.path() / std::string(120, 'x')) == ErrorKind::invalid);
}

TEST_CASE("a client that is neither root, owner nor of the group is not allowed", "[agent]") {
    if (geteuid() != 0) {
        WARN("skipped: only root can ask as somebody else");
        return;
    }
    const test::TempDir folder;
    const auto path = folder.path() / "s";
    const auto socket = ControlSocket::listen_at(path);
    REQUIRE(socket);
    // Opened to all, so that only the check of the peer is left.
    REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
    REQUIRE(chmod(path.c_str(), 0666) == 0);
    REQUIRE(setegid(65534) == 0);
    REQUIRE(seteuid(65534) == 0);
    const auto stranger = connect_to(path);
    REQUIRE(seteuid(0) == 0);
    const auto member_of_nothing = connect_to(path);
    REQUIRE(setegid(0) == 0);
    REQUIRE(stranger);
    CHECK_FALSE(peer_is_allowed(socket->accept().get()));
    REQUIRE(member_of_nothing);
    CHECK(peer_is_allowed(socket->accept().get()));  // root
}

TEST_CASE("a client of the daemon's group is allowed, by a supplementary group too", "[agent]") {
    if (geteuid() != 0) {
        WARN("skipped: only root can ask as somebody else");
        return;
    }
    const test::TempDir folder;
    const auto path = folder.path() / "s";
    const auto socket = ControlSocket::listen_at(path);
    REQUIRE(socket);
    REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
    std::array<int, 2> ready{};
    REQUIRE(pipe(ready.data()) == 0);
    const gid_t group = getegid();
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const bool another = setgroups(1, &group) == 0 && setgid(65534) == 0 && setuid(65534) == 0;
        const auto client = connect_to(path);
        const char state = another && client ? 'y' : 'n';
        static_cast<void>(!write(ready[1], &state, 1));
        pause();
        _exit(0);
    }
    char state = 0;
    CHECK(read(ready[0], &state, 1) == 1);
    CHECK(state == 'y');
    CHECK(peer_is_allowed(socket->accept().get()));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
}
