// SPDX-License-Identifier: MIT
#include "base/secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/unique_fd.h"

namespace pwlog {

namespace {

constexpr std::size_t longest_secret = std::size_t{64} * 1024;

Result<std::string> locate(const std::string& path) {
    if (path.find('/') != std::string::npos) {
        return path;
    }
    if (path.empty()) {
        return fail(ErrorKind::invalid, "the name of a secret file is empty");
    }
    const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
    if (folder == nullptr) {
        return fail(
            ErrorKind::not_found,
            fmt::format("secret '{}' is a systemd credential's name, but CREDENTIALS_DIRECTORY "
                        "is not set; add LoadCredential={}:/path to the unit, or give a path "
                        "with a slash",
                        path, path));
    }
    return fmt::format("{}/{}", folder, path);
}

Result<void> check_owner_and_mode(const std::string& path, const struct stat& file) {
    if (!S_ISREG(file.st_mode)) {
        return fail(ErrorKind::invalid, fmt::format("secret file {} is not a regular file", path));
    }
    // Root, who may read any file, uses the daemon's key: `sudo pwlog backfill …`.
    if (const uid_t user = geteuid(); user != 0 && file.st_uid != 0 && file.st_uid != user) {
        return fail(
            ErrorKind::denied,
            fmt::format("secret file {} belongs to user {}; it must belong to root or to the "
                        "user who runs this (chown it)",
                        path, file.st_uid));
    }
    if ((file.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
        return fail(
            ErrorKind::denied,
            fmt::format(
                "secret file {} has mode {:04o}: others have access to it; do: chmod 0640 {}", path,
                file.st_mode & 07777, path));
    }
    return {};
}

Result<std::string> read_up_to_limit(const std::string& path, int fd) {
    std::string text(longest_secret + 3,
                     '\0');  // a line end on top, and one byte to see "too long"
    std::size_t filled = 0;
    while (filled < text.size()) {
        const ssize_t count = read(fd, text.data() + filled, text.size() - filled);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return fail(ErrorKind::io,
                        fmt::format("reading secret file {}: {}", path, std::strerror(errno)));
        }
        if (count == 0) {
            break;
        }
        filled += static_cast<std::size_t>(count);
    }
    text.resize(filled);
    return text;
}

void cut_line_end(std::string& text) {
    if (text.ends_with('\n')) {
        text.pop_back();
        if (text.ends_with('\r')) {
            text.pop_back();
        }
    }
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Secret::Secret(Secret&& other) noexcept { value_.swap(other.value_); }

Secret& Secret::operator=(Secret other) noexcept {
    value_.swap(other.value_);
    return *this;
}

Secret::~Secret() { explicit_bzero(value_.data(), value_.size()); }

Result<Secret> read_secret_file(const std::string& name) {
    const auto path = locate(name);
    if (!path) {
        return pass_on(path);
    }
    // Without blocking: a FIFO in the file's place must not hang the start.
    const UniqueFd fd(open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd) {
        const auto kind = errno == ENOENT   ? ErrorKind::not_found
                          : errno == EACCES ? ErrorKind::denied
                                            : ErrorKind::io;
        return fail(kind, fmt::format("secret file {}: {}", *path, std::strerror(errno)));
    }
    struct stat file {};
    if (fstat(fd.get(), &file) != 0) {
        return fail(ErrorKind::io, fmt::format("secret file {}: {}", *path, std::strerror(errno)));
    }
    if (const auto safe = check_owner_and_mode(*path, file); !safe) {
        return pass_on(safe);
    }
    auto text = read_up_to_limit(*path, fd.get());
    if (!text) {
        return pass_on(text);
    }
    cut_line_end(*text);
    Secret secret(std::move(*text));
    if (secret.empty()) {
        return fail(ErrorKind::invalid, fmt::format("secret file {} is empty", *path));
    }
    if (secret.reveal().size() > longest_secret) {
        return fail(ErrorKind::invalid, fmt::format("secret file {} is longer than 64 KiB", *path));
    }
    if (std::any_of(secret.reveal().begin(), secret.reveal().end(), is_control)) {
        return fail(
            ErrorKind::invalid,
            fmt::format("secret file {} holds control characters; it must be one line of text",
                        *path));
    }
    return secret;
}

}  // namespace pwlog
