// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock_sync.h"
#include "base/text_values.h"
#include "doctor/doctor_steps.h"
#include "document/document.h"
#include "spool/spool_directory.h"
#include "spool/spool_inspection.h"
#include "terminal/text_table.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::spool;
constexpr auto check_budget = std::chrono::seconds(5);

Finding found(std::string name, Verdict verdict, std::string message, std::string next = {}) {
    return {step, std::move(name), verdict, "", std::move(message), std::move(next)};
}

/// SQLite's checks answer in several.
std::string on_one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// The folder, or where it is not there the nearest one above it that is.
std::filesystem::path nearest_existing(std::filesystem::path folder) {
    std::error_code ignored;
    while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    return folder;
}

/// A file system that forgets: nothing tells of it until the machine has restarted.
void judge_permanence(const std::filesystem::path& folder, Findings& findings) {
    struct statfs disk {};
    if (statfs(nearest_existing(folder).c_str(), &disk) != 0) {
        return;
    }
    const auto type = static_cast<unsigned long>(disk.f_type);
    if (type == TMPFS_MAGIC || type == RAMFS_MAGIC) {
        findings.push_back(
            found("spool_in_memory", Verdict::fail,
                  fmt::format("{} is on a {}: a reboot loses everything in the spool",
                              folder.string(), type == TMPFS_MAGIC ? "tmpfs" : "ramfs"),
                  "name a folder on a real disk as path in [spool]"));
    } else if (type == OVERLAYFS_SUPER_MAGIC) {
        findings.push_back(found(
            "spool_on_overlay", Verdict::warn,
            fmt::format("{} is on an overlay: what is written there is lost with the container, or "
                        "after a reboot if the root file system is read-only",
                        folder.string()),
            "mount a volume or a partition of its own there, or name another path in [spool]"));
    }
}

/// Nothing is there yet: whether it could be made.
Finding absent(const std::filesystem::path& folder) {
    const auto above = nearest_existing(folder);
    if (access((above / "").c_str(), W_OK | X_OK) != 0) {
        return found("spool_not_writable", Verdict::fail,
                     fmt::format("making the spool folder {}: {}; this is user {}", folder.string(),
                                 std::strerror(errno), geteuid()),
                     fmt::format("install -d -m 0700 -o pwlog {}, or run this as the logger's user",
                                 folder.string()));
    }
    return found("spool_absent", Verdict::warn,
                 fmt::format("there is no spool in {} yet", folder.string()),
                 "`pwlog run` or `pwlog once` creates it");
}

Finding unusable(const std::filesystem::path& folder, const Error& error) {
    switch (error.kind) {
        case ErrorKind::not_found:
            return absent(folder);
        case ErrorKind::busy:
            return found("spool_busy", Verdict::warn, error.message,
                         "a running `pwlog once` is fine; a daemon with another "
                         "control_socket is not");
        case ErrorKind::corrupt:
            return found(
                "spool_damaged", Verdict::fail,
                fmt::format("{}: {}", folder.string(), on_one_line(error.message)),
                "start pwlog: it continues with a fresh one and copies what is waiting; check the "
                "disk");
        case ErrorKind::denied:
            return found("spool_denied", Verdict::fail, error.message,
                         "run this with sudo, or give the folder to the user who runs pwlog "
                         "(chown, chmod 700)");
        case ErrorKind::invalid:
            return found("spool_odd_file", Verdict::fail, error.message,
                         "move it elsewhere, or name another folder in [spool]");
        default:
            return found("spool_broken", Verdict::fail, error.message, "check the disk");
    }
}

/// Somebody of the logger's group may ask the daemon, and not look into its folder.
bool is_anothers(const std::filesystem::path& folder) {
    struct stat info {};
    return geteuid() != 0 && stat(folder.c_str(), &info) == 0 && info.st_uid != geteuid();
}

void judge_room(const std::filesystem::path& folder, Findings& findings) {
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0) {
        return;
    }
    constexpr std::uint64_t nothing = 1U << 20U;
    constexpr std::uint64_t little = 32U << 20U;
    const auto free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    const auto text = fmt::format("{:.1f} MiB are free on the disk of {}",
                                  static_cast<double>(free) / (1U << 20U), folder.string());
    if ((disk.f_flag & ST_RDONLY) != 0 || access(folder.c_str(), W_OK | X_OK) != 0) {
        findings.push_back(found("spool_not_writable", Verdict::fail,
                                 fmt::format("{} cannot be written to", folder.string()),
                                 "mount it writable, or give it to the user who runs pwlog"));
    } else if (free < nothing) {
        findings.push_back(found("disk_full", Verdict::fail, text, "make room"));
    } else if (free < little) {
        findings.push_back(found("disk_low", Verdict::warn, text, "make room"));
    }
}

void judge_state(const SpoolInfo& state, Timestamp now, Findings& findings) {
    constexpr auto long_pending = std::chrono::minutes(10);
    const auto warn = [&findings](std::string name, std::string message, std::string next) {
        findings.push_back(
            found(std::move(name), Verdict::warn, std::move(message), std::move(next)));
    };
    if (state.disk_full) {
        findings.push_back(found("disk_full", Verdict::fail,
                                 "the daemon met a full disk: documents are in memory",
                                 "make room"));
    }
    if (state.unreadable_entries > 0) {
        findings.push_back(found(
            "spool_unreadable", Verdict::fail,
            fmt::format("the disk fails to read {} cycles that are waiting in the spool",
                        grouped(state.unreadable_entries)),
            "check the disk, and replace it; the daemon tries them again every five minutes"));
    }
    if (state.oldest_pending && now - *state.oldest_pending > long_pending) {
        warn("pending_old",
             fmt::format("{} documents are waiting, the oldest for {}",
                         grouped(state.pending_documents),
                         rough_duration(now - *state.oldest_pending)),
             "see Elasticsearch below; they are sent automatically once it accepts them");
    }
    if (state.max_bytes > 0 && state.bytes > state.max_bytes / 10 * 9 &&
        state.pending_documents > 0) {
        warn("spool_nearly_full",
             fmt::format("{:.0f} of {:.0f} MiB are used: soon the oldest documents are dropped",
                         static_cast<double>(state.bytes) / (1U << 20U),
                         static_cast<double>(state.max_bytes) / (1U << 20U)),
             "get shipping going again, or raise max_size in [spool]");
    }
    if (state.dropped > 0) {
        warn("documents_dropped",
             fmt::format("{} documents were lost since the spool was created",
                         grouped(state.dropped)),
             "raise max_size in [spool], check the disk; `pwlog spool info` shows more");
    }
    if (state.rejected > 0) {
        warn("documents_rejected",
             fmt::format("Elasticsearch refused {} documents", grouped(state.rejected)),
             "pwlog spool rejects");
    }
}

}  // namespace

Findings examine_spool(const SpoolConfig& config, const DaemonStatus* daemon, Timestamp now) {
    Findings findings;
    judge_permanence(config.path, findings);
    const auto so_far = findings.size();
    SpoolInfo state;
    if (daemon != nullptr) {
        state = daemon->spool;
        const auto fine =
            is_anothers(config.path) ? Result<void>() : SpoolDirectory::check(config.path);
        if (!fine) {
            findings.push_back(unusable(config.path, fine.error()));
            findings.back().message +=
                "; the running daemon is not affected, but will not start again";
        }
    } else {
        const auto info = inspect_spool(config.path, check_budget);
        if (!info) {
            findings.push_back(unusable(config.path, info.error()));
            if (findings.back().name == "spool_absent") {
                judge_room(nearest_existing(config.path), findings);
            }
            return findings;
        }
        state = *info;
        state.max_bytes =
            config.max_size;  // the file's own is not asked for: it is the next start's
    }
    if (daemon == nullptr || !is_anothers(config.path)) {
        judge_room(config.path, findings);
    }
    judge_state(state, now, findings);
    if (findings.size() == so_far) {
        findings.push_back(
            found("spool_fine", Verdict::pass,
                  fmt::format("{}: {:.1f} MiB, pending documents: {}{}", config.path.string(),
                              static_cast<double>(state.bytes) / (1U << 20U),
                              grouped(state.pending_documents),
                              daemon == nullptr ? "" : ", as the daemon says")));
    }
    return findings;
}

Findings examine_clock(const Clock& clock) {
    using std::chrono::sys_days;
    constexpr sys_days long_ago = std::chrono::year(2024) / 1 / 1;
    const auto now = to_timestamp(clock.wall_now());
    if (now < long_ago) {
        return {{DoctorStep::clock, "clock_wrong", Verdict::fail, "",
                 "the clock is wrong, it says " + format_time(now),
                 "timedatectl set-ntp true, or chronyd"}};
    }
    switch (sync_of(clock)) {
        case ClockSync::unsynchronised:
            return {{DoctorStep::clock, "clock_unsynchronised", Verdict::warn, "",
                     "the clock is not synchronised: documents are marked as such",
                     "timedatectl set-ntp true, or chronyd; timedatectl shows whether it worked"}};
        case ClockSync::unknown:
            return {{DoctorStep::clock, "clock_unknown", Verdict::warn, "",
                     "the kernel does not say whether the clock is synchronised (clock_adjtime is "
                     "refused): documents are marked as unsynchronised",
                     "allow clock_adjtime in the sandbox or container"}};
        case ClockSync::synchronised:
            break;
    }
    return {{DoctorStep::clock, "clock_synchronised", Verdict::pass, "", "synchronised"}};
}

}  // namespace pwlog
