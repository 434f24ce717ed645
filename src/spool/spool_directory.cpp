// SPDX-License-Identifier: MIT
#include "spool/spool_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <string_view>

#include "base/replace_file.h"
#include "base/sync_folder.h"
#include "spool/file_error.h"
#include "spool/instance_lock.h"

namespace pwlog {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t ballast_size = 256U << 10U;

Result<void> check_directory(const fs::path& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        return file_error("looking at the spool folder", path);
    }
    if (!S_ISDIR(status.st_mode)) {
        return fail(ErrorKind::invalid, fmt::format("{} is not a folder", path.string()));
    }
    if (status.st_uid != geteuid()) {
        return fail(
            ErrorKind::denied,
            fmt::format("the spool folder {} belongs to user {}, this is user {}: run it as "
                        "that user, or give the folder to this one with chown",
                        path.string(), status.st_uid, geteuid()));
    }
    if ((status.st_mode & 0077U) != 0) {
        return fail(ErrorKind::denied,
                    fmt::format("the spool folder {} is open to others (mode {:o}): chmod 700 {}",
                                path.string(), status.st_mode & 07777U, path.string()));
    }
    return {};
}

/// Nothing, or a plain file of one name. What else stands there was not put there by us.
Result<void> check_file(const fs::path& file) {
    struct stat status {};
    if (lstat(file.c_str(), &status) != 0) {
        // What cannot be told now is told when it is opened, which follows no link either.
        return errno == ENOENT || errno == EIO ? Result<void>{} : file_error("looking at", file);
    }
    const bool plain = S_ISREG(status.st_mode) && status.st_nlink == 1;
    if (plain && status.st_uid == geteuid()) {
        return {};
    }
    const std::string_view what = S_ISLNK(status.st_mode)             ? "a symbolic link"
                                  : S_ISDIR(status.st_mode)           ? "a folder"
                                  : S_ISFIFO(status.st_mode)          ? "a pipe"
                                  : S_ISREG(status.st_mode) && !plain ? "a file with a second name"
                                  : S_ISREG(status.st_mode)           ? "another user's file"
                                                                      : "not a plain file";
    return fail(ErrorKind::invalid,
                fmt::format("{} is {}, so it is left alone: move it away", file.string(), what));
}

Result<void> check_files(const fs::path& folder) {
    for (const auto* name : {"spool.db", "spool.db-wal", "spool.db.new", "spool.db.new-wal",
                             "spool.db.salvaged", "spool.ballast"}) {
        if (auto fine = check_file(folder / name); !fine) {
            return fine;
        }
    }
    return {};
}

/// SQLite is to follow no link at all, but the folder itself may well be reached through one
/// (systemd makes /var/lib/pwlog a link where DynamicUser is on).
Result<fs::path> real_folder(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::canonical(path, error);
    if (error) {
        errno = error.value();
        return file_error("looking for the spool folder", path);
    }
    const auto fine = check_directory(real);
    return fine ? Result<fs::path>(std::move(real)) : pass_on(fine);
}

}  // namespace

fs::path log_of(const fs::path& database) { return database.string() + "-wal"; }

Result<SpoolDirectory> SpoolDirectory::open(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);  // mkdir says what is wrong
    const bool made = mkdir(path.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) {
        return file_error("making the spool folder", path);
    }
    if (made && path.has_parent_path()) {
        static_cast<void>(flush_names(path.parent_path()));  // a folder that is not ours to read
    }
    const auto real = real_folder(path);
    if (!real) {
        return pass_on(real);
    }
    auto lock = lock_instance(*real / "spool.lock");
    if (!lock) {
        return pass_on(lock);
    }
    if (auto fine = check_files(*real); !fine) {
        return pass_on(fine);
    }
    return SpoolDirectory(*real, std::move(*lock));
}

Result<void> SpoolDirectory::check(const fs::path& path) {
    const auto real = real_folder(path);
    return real ? check_files(*real) : pass_on(real);
}

Result<void> SpoolDirectory::lock() {
    auto lock = lock_ ? Result<UniqueFd>(UniqueFd{}) : lock_instance(path_ / "spool.lock");
    if (lock && *lock) {
        lock_ = std::move(*lock);
    }
    return lock ? Result<void>{} : pass_on(lock);
}

Result<void> SpoolDirectory::prepare_file(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd || fchmod(fd.get(), 0600) != 0) {
        return file_error("making", file);
    }
    return {};
}

Result<void> SpoolDirectory::put_in_place() const {
    if (rename(fresh().c_str(), database().c_str()) != 0) {
        return file_error("renaming", fresh());
    }
    return sync();
}

void SpoolDirectory::discard_fresh() const {
    std::error_code ignored;
    fs::remove(fresh(), ignored);
    fs::remove(log_of(fresh()), ignored);
}

Result<void> SpoolDirectory::write_fresh(std::string_view bytes) const {
    if (!FileWriting().make(fresh(), bytes)) {
        const auto failure = file_error("writing", fresh());
        discard_fresh();
        return failure;
    }
    return {};
}

bool SpoolDirectory::has_ballast() const {
    std::error_code error;
    return fs::file_size(path_ / "spool.ballast", error) == ballast_size && !error;
}

void SpoolDirectory::make_ballast() const {
    const UniqueFd fd(::open((path_ / "spool.ballast").c_str(),
                             O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (fd && posix_fallocate(fd.get(), 0, ballast_size) != 0) {
        drop_ballast();
    }
}

void SpoolDirectory::drop_ballast() const { unlink((path_ / "spool.ballast").c_str()); }

std::uint64_t SpoolDirectory::free_bytes() const {
    struct statvfs status {};
    if (statvfs(path_.c_str(), &status) != 0) {
        return 0;
    }
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

Result<void> SpoolDirectory::flush_names(const fs::path& folder) {
    return sync_folder_of(folder / "spool.db") ? Result<void>{}
                                               : file_error("flushing the folder", folder);
}

}  // namespace pwlog
