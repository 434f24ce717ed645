// SPDX-License-Identifier: MIT
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <vector>

#include "base/directory.h"
#include "spool/file_error.h"
#include "spool/spool_directory.h"

namespace pwlog {

// What becomes of damaged spools: their names, and which of them are kept.

namespace {

namespace fs = std::filesystem;

constexpr std::string_view rescue_prefix = "spool.db.rescue-";
constexpr std::string_view corrupt_prefix = "spool.db.corrupt-";
/// Damaged spools that are kept, each as large as a spool may be.
constexpr std::size_t corrupt_kept = 3;

std::string time_name(WallTime now) {
    return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

Result<void> rename_if_there(const fs::path& from, const fs::path& to) {
    if (rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) {
        return file_error("renaming", from);
    }
    return {};
}

}  // namespace

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
    for (const auto& file : entries_of(path_)) {
        std::string name = file.filename().string();
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

}  // namespace pwlog
