// SPDX-License-Identifier: MIT
#include "base/secret.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string>
#include <type_traits>

#include "support/temp_dir.h"

using namespace pwlog;
using test::TempDir;

namespace {

template <class T>
concept CanBeStreamed = requires(std::ostream& stream, const T& value) { stream << value; };

ErrorKind kind_of_failure(const std::string& path) {
    const auto secret = read_secret_file(path);
    REQUIRE_FALSE(secret);
    return secret.error().kind;
}

std::string secret_with_mode(const TempDir& folder, mode_t mode) {
    const auto file = folder.write("key", "s3cret\n");
    REQUIRE(chmod(file.c_str(), mode) == 0);
    return file;
}

}  // namespace

TEST_CASE("a secret can be neither streamed nor formatted", "[base]") {
    CHECK(CanBeStreamed<std::string>);
    CHECK_FALSE(CanBeStreamed<Secret>);
    CHECK(fmt::is_formattable<std::string>::value);
    CHECK_FALSE(fmt::is_formattable<Secret>::value);
}

TEST_CASE("a moved-from secret is empty", "[base]") {
    Secret first(std::string("x"));
    const Secret second(std::move(first));
    CHECK(first.empty());
    CHECK(second.reveal() == "x");
}

TEST_CASE("a secret is the file's one line without its end", "[base]") {
    const TempDir folder;
    const auto [text, expected] = GENERATE(table<std::string, std::string>({{"abc", "abc"},
                                                                            {"abc\n", "abc"},
                                                                            {"abc\r\n", "abc"},
                                                                            {" a b ", " a b "},
                                                                            {"pä\n", "pä"}}));
    const auto secret = read_secret_file(folder.write("key", text));
    REQUIRE(secret);
    CHECK(secret->reveal() == expected);
}

TEST_CASE("a secret file that others may use or the group may write is refused", "[base]") {
    const TempDir folder;
    const mode_t mode = GENERATE(0604, 0602, 0601, 0620, 0644, 0666, 0660);
    CHECK(kind_of_failure(secret_with_mode(folder, mode)) == ErrorKind::denied);
}

TEST_CASE("a secret file for its owner, and its group to read, is taken", "[base]") {
    const TempDir folder;
    const mode_t mode = GENERATE(0400, 0600, 0440, 0640);
    CHECK(read_secret_file(secret_with_mode(folder, mode)));
}

TEST_CASE("the refusal of a secret file names the file and the mode, not the secret", "[base]") {
    const TempDir folder;
    const auto path = secret_with_mode(folder, 0644);
    const auto secret = read_secret_file(path);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().message.find(path) != std::string::npos);
    CHECK(secret.error().message.find("0644") != std::string::npos);
    CHECK(secret.error().message.find("s3cret") == std::string::npos);
}

TEST_CASE("a secret file of another user is refused to all but root", "[base]") {
    if (geteuid() != 0) {
        WARN("skipped: giving a file away needs root");
        return;
    }
    constexpr uid_t somebody = 1000;
    const TempDir folder;
    const auto path = secret_with_mode(folder, 0640);
    REQUIRE(chown(folder.path().c_str(), somebody, somebody) == 0);
    REQUIRE(chown(path.c_str(), 65534, somebody) == 0);
    CHECK(read_secret_file(path).has_value());

    REQUIRE((setegid(somebody) == 0 && seteuid(somebody) == 0));
    const auto refused = read_secret_file(path);
    REQUIRE((seteuid(0) == 0 && setegid(0) == 0));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::denied);
    CHECK(refused.error().message.find("belongs to user 65534") != std::string::npos);
}

TEST_CASE("a link to a secret file is judged by its target", "[base]") {
    const TempDir folder;
    const mode_t mode = GENERATE(0600, 0644);
    const auto link = folder.path() / "link";
    std::filesystem::create_symlink(secret_with_mode(folder, mode), link);
    CHECK(read_secret_file(link).has_value() == (mode == 0600));
}

TEST_CASE("what is no regular file is no secret", "[base]") {
    const TempDir folder;
    CHECK(kind_of_failure(folder.path()) == ErrorKind::invalid);
    const auto fifo = folder.path() / "fifo";
    REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
    CHECK(kind_of_failure(fifo) == ErrorKind::invalid);
    CHECK(kind_of_failure(folder.path() / "absent") == ErrorKind::not_found);
}

TEST_CASE("empty, overlong and binary secret files are refused", "[base]") {
    const TempDir folder;
    const auto text =
        GENERATE(std::string(), std::string("\n"), std::string("\r\n"), std::string("a\nb"),
                 std::string("a\n\n"), std::string("a\tb"), std::string("a\0b", 3),
                 std::string("a\x7f"), std::string(64 * 1024 + 1, 'x'));
    CHECK(kind_of_failure(folder.write("key", text)) == ErrorKind::invalid);
}

TEST_CASE("a secret of exactly 64 KiB and a line end is taken", "[base]") {
    const TempDir folder;
    CHECK(read_secret_file(folder.write("key", std::string(64 * 1024, 'x') + "\r\n")));
}

TEST_CASE("a name without a slash is a systemd credential", "[base]") {
    const TempDir folder;
    folder.write("api_key", "from systemd\n");
    REQUIRE(setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1) == 0);
    const auto secret = read_secret_file("api_key");
    REQUIRE(unsetenv("CREDENTIALS_DIRECTORY") == 0);
    REQUIRE(secret);
    CHECK(secret->reveal() == "from systemd");
    CHECK(kind_of_failure("api_key") == ErrorKind::not_found);
}
