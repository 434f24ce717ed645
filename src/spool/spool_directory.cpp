#include "spool/spool_directory.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "spool/instance_lock.h"

namespace pwlog {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t ballast_size = 256U << 10U;
constexpr std::string_view corrupt_prefix = "spool.db.corrupt-";
/// Damaged spools that are kept, each as large as a spool may be.
constexpr std::size_t corrupt_kept = 3;

tl::unexpected<Error> failed(std::string_view what, const fs::path& path) {
    const int error = errno;
    const auto kind = error == ENOSPC || error == EDQUOT                    ? ErrorKind::full
                      : error == EACCES || error == EPERM || error == EROFS ? ErrorKind::denied
                                                                            : ErrorKind::io;
    return fail(kind, fmt::format("{} {}: {}", what, path.string(), std::strerror(error)));
}

Result<void> check_directory(const fs::path& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        return failed("looking at the spool folder", path);
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
        return errno == ENOENT ? Result<void>{} : failed("looking at", file);
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

std::string time_name(WallTime now) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

Result<void> rename_if_there(const fs::path& from, const fs::path& to) {
    if (rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
        return failed("renaming", from);
    }
    return {};
}

}  // namespace

fs::path log_of(const fs::path& database) { return database.string() + "-wal"; }

Result<SpoolDirectory> SpoolDirectory::open(const fs::path& path) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);  // mkdir says what is wrong
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return failed("making the spool folder", path);
    }
    // SQLite is to follow no link at all, but the folder itself may well be reached through one
    // (systemd makes /var/lib/pwlog a link where DynamicUser is on).
    const fs::path real = fs::canonical(path, error);
    if (error) {
        errno = error.value();
        return failed("looking for the spool folder", path);
    }
    if (auto fine = check_directory(real); !fine) {
        return pass_on(fine);
    }
    auto lock = lock_instance(real / "spool.lock");
    if (!lock) {
        return pass_on(lock);
    }
    SpoolDirectory directory(real, std::move(*lock));
    if (auto fine = directory.check_files(); !fine) {
        return pass_on(fine);
    }
    return directory;
}

Result<void> SpoolDirectory::check_files() const {
    for (const auto* name : {"spool.db", "spool.db-wal", "spool.db.new", "spool.db.new-wal",
                             "spool.db.salvaged", "spool.ballast"}) {
        if (auto fine = check_file(path_ / name); !fine) {
            return fine;
        }
    }
    return {};
}

Result<void> SpoolDirectory::prepare_file(const fs::path& file) {
    const UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd || fchmod(fd.get(), 0600) != 0) {
        return failed("making", file);
    }
    return {};
}

Result<void> SpoolDirectory::replace(WallTime now) const {
    // The log of the new one was emptied when it was closed.
    if (rename(fresh().c_str(), (path_ / "spool.db.salvaged").c_str()) != 0) {
        return failed("renaming", fresh());
    }
    return finish_replacing(now);
}

Result<void> SpoolDirectory::finish_replacing(WallTime now) const {
    const fs::path salvaged = path_ / "spool.db.salvaged";
    std::error_code ignored;
    fs::remove(fresh(), ignored);  // made by a process that died before it was complete
    fs::remove(log_of(fresh()), ignored);
    if (!fs::exists(salvaged)) {
        return {};
    }
    const fs::path kept = corrupt_name(now);
    // The log first: without it the file is still found and judged, the other way round it would be
    // lost.
    for (const auto& [from, to] : {std::pair(log_of(database()), log_of(kept)),
                                   std::pair(database(), kept), std::pair(salvaged, database())}) {
        if (auto renamed = rename_if_there(from, to); !renamed) {
            return renamed;
        }
    }
    forget_oldest_corrupt();
    return sync();
}

void SpoolDirectory::keep_copy_of_log(WallTime now) const {
    const fs::path copy = log_of(corrupt_name(now));
    std::error_code error;
    fs::copy_file(log_of(database()), copy, error);
    if (error) {
        spdlog::warn("no copy of the spool's log could be kept: {}", error.message());
        fs::remove(copy, error);
    }
    forget_oldest_corrupt();
}

fs::path SpoolDirectory::corrupt_name(WallTime now) const {
    const std::string name = std::string(corrupt_prefix) + time_name(now);
    fs::path file = path_ / name;
    for (int copy = 2; fs::exists(file) || fs::exists(log_of(file)); ++copy) {
        file = path_ / fmt::format("{}-{}", name, copy);
    }
    return file;
}

void SpoolDirectory::forget_oldest_corrupt() const {
    std::vector<fs::path> kept;
    std::error_code error;
    for (const auto& item : fs::directory_iterator(path_, error)) {
        const std::string name = item.path().filename().string();
        if (name.starts_with(corrupt_prefix)) {
            kept.push_back(item.path());
        }
    }
    // The names sort by time. Each spool may have two files.
    std::sort(kept.begin(), kept.end());
    for (std::size_t i = 0; i + 2 * corrupt_kept < kept.size(); ++i) {
        spdlog::warn("deleting {}: more than {} damaged spools are kept", kept[i].string(),
                     corrupt_kept);
        fs::remove(kept[i], error);
    }
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

Result<void> SpoolDirectory::sync() const {
    const UniqueFd fd(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) {
        return failed("flushing the folder", path_);
    }
    return {};
}

}  // namespace pwlog
