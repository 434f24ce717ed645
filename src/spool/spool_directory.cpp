// SPDX-License-Identifier: MIT
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

#include "base/replace_file.h"
#include "spool/instance_lock.h"

namespace pwlog {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t ballast_size = 256U << 10U;
constexpr std::string_view rescue_prefix = "spool.db.rescue-";
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
        return failed("looking for the spool folder", path);
    }
    const auto fine = check_directory(real);
    return fine ? Result<fs::path>(std::move(real)) : pass_on(fine);
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
    const bool made = mkdir(path.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) {
        return failed("making the spool folder", path);
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
        return failed("making", file);
    }
    return {};
}

Result<void> SpoolDirectory::put_in_place() const {
    if (rename(fresh().c_str(), database().c_str()) != 0) {
        return failed("renaming", fresh());
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
        const auto failure = failed("writing", fresh());
        discard_fresh();
        return failure;
    }
    return {};
}

Result<void> SpoolDirectory::set_aside(WallTime now) const {
    const fs::path aside = free_name(rescue_prefix, now);
    // The file first: a log without its file is put beside the file that has none, the other way
    // round the file would be taken for a whole one that is older than it is.
    for (const auto& [from, to] :
         {std::pair(database(), aside), std::pair(log_of(database()), log_of(aside))}) {
        if (auto renamed = rename_if_there(from, to); !renamed) {
            return renamed;
        }
    }
    return sync();
}

Result<void> SpoolDirectory::finish_setting_aside(WallTime now) const {
    discard_fresh();  // made by a process that died before it was complete
    std::error_code error;
    const auto aside = named(rescue_prefix);
    if (!fs::exists(database(), error) && !error && fs::exists(log_of(database()), error) &&
        !aside.empty() && !fs::exists(log_of(aside.back()), error)) {
        if (auto done = rename_if_there(log_of(database()), log_of(aside.back())); !done) {
            return done;
        }
    }
    // What an older version had copied, and could not put in place.
    return rename_if_there(path_ / "spool.db.salvaged", free_name(rescue_prefix, now));
}

std::optional<fs::path> SpoolDirectory::next_rescue() const {
    const auto aside = named(rescue_prefix);
    return aside.empty() ? std::nullopt : std::optional(aside.back());
}

Result<std::string> SpoolDirectory::finish_rescue(const fs::path& file, WallTime now) const {
    std::error_code error;
    const auto size = fs::file_size(file, error);
    if (!error && free_bytes() < 2 * size) {
        drop_corrupt();
        fs::remove(log_of(file), error);
        fs::remove(file, error);
        return error ? Result<std::string>(fail(
                           ErrorKind::io, "deleting " + file.string() + ": " + error.message()))
                     : "deleted, as the disk has little room";
    }
    const fs::path kept = free_name(corrupt_prefix, now);
    for (const auto& [from, to] : {std::pair(log_of(file), log_of(kept)), std::pair(file, kept)}) {
        if (auto renamed = rename_if_there(from, to); !renamed) {
            return pass_on(renamed);
        }
    }
    forget_oldest_corrupt();
    return "kept as " + kept.string();
}

void SpoolDirectory::drop_corrupt() const {
    std::error_code ignored;
    for (const auto& file : named(corrupt_prefix)) {
        spdlog::warn("deleting {}: the disk is full", file.string());
        fs::remove(log_of(file), ignored);
        fs::remove(file, ignored);
    }
}

void SpoolDirectory::keep_copy_of_log(WallTime now) const {
    const fs::path copy = log_of(free_name(corrupt_prefix, now));
    std::error_code error;
    fs::copy_file(log_of(database()), copy, error);
    if (error) {
        spdlog::warn("no copy of the spool's log could be kept: {}", error.message());
        fs::remove(copy, error);
    }
    forget_oldest_corrupt();
}

Result<void> SpoolDirectory::set_log_aside(WallTime now) const {
    auto renamed = rename_if_there(log_of(database()), log_of(free_name(corrupt_prefix, now)));
    forget_oldest_corrupt();
    return renamed ? sync() : renamed;
}

fs::path SpoolDirectory::free_name(std::string_view prefix, WallTime now) const {
    const std::string name = std::string(prefix) + time_name(now);
    fs::path file = path_ / name;
    std::error_code error;
    for (int copy = 2; fs::exists(file, error) || fs::exists(log_of(file), error); ++copy) {
        file = path_ / fmt::format("{}-{}", name, copy);
    }
    return file;
}

/// Files whose name begins so, the oldest first, without their logs where the file is there too.
std::vector<fs::path> SpoolDirectory::named(std::string_view prefix) const {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator item(path_, error); !error && item != fs::directory_iterator();
         item.increment(error)) {
        std::string name = item->path().filename().string();
        if (name.starts_with(prefix)) {
            if (name.ends_with("-wal")) {
                name.resize(name.size() - 4);
            }
            found.push_back(path_ / name);
        }
    }
    std::sort(found.begin(), found.end());  // the names sort by time
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

void SpoolDirectory::forget_oldest_corrupt() const {
    const auto kept = named(corrupt_prefix);
    std::error_code error;
    for (std::size_t i = 0; i + corrupt_kept < kept.size(); ++i) {
        spdlog::warn("deleting {}: more than {} damaged spools are kept", kept[i].string(),
                     corrupt_kept);
        fs::remove(log_of(kept[i]), error);
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

Result<void> SpoolDirectory::flush_names(const fs::path& folder) {
    const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) != 0) {
        return failed("flushing the folder", folder);
    }
    return {};
}

}  // namespace pwlog
