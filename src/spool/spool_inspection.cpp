// SPDX-License-Identifier: MIT
#include "spool/spool_inspection.h"

#include <fmt/format.h>

#include <algorithm>

#include "spool/rescue/log_tail.h"
#include "spool/schema.h"
#include "spool/spool_directory.h"
#include "spool/spool_file.h"

namespace pwlog {

namespace {

/// What can be told before SQLite sees the file.
Result<void> check_outside(const std::filesystem::path& database) {
    const auto header = judge_header(database);
    if (!header) {
        return pass_on(header);
    }
    const std::string name = database.string();
    switch (*header) {
        case HeaderVerdict::absent:
            return fail(ErrorKind::not_found, fmt::format("there is no {}", name));
        case HeaderVerdict::newer:
            return fail(ErrorKind::invalid, fmt::format("{} was made by a newer pwlog", name));
        case HeaderVerdict::damaged:
            return fail(ErrorKind::corrupt,
                        fmt::format("the first page of {} is not pwlog's", name));
        case HeaderVerdict::ours:
            break;
    }
    const auto log = read_log_tail(log_of(database));
    if (!log) {
        return pass_on(log);
    }
    if (log->damaged) {
        return fail(ErrorKind::corrupt, fmt::format("the log of {} is torn", name));
    }
    return {};
}

}  // namespace

void fill(SpoolInfo& info, SpoolFile& file) {
    const Ledger& books = file.ledger();
    info.read = books.read;
    info.stored = books.stored;
    info.duplicates = books.duplicates;
    info.rejected = books.rejected;
    info.dropped = books.dropped;
    info.pending_documents = books.pending();
    info.pending_entries = books.pending_entries;
    info.entries = books.entries;
    info.rejects_kept = books.rejects_kept;
    info.rejects_dropped = books.rejects_dropped;
    info.quarantined_entries = books.quarantined;
    info.salvaged_documents = books.salvaged;
    info.unreadable_entries = file.delivery().unreadable();
    info.disk_full = !file.is_growing();
    info.max_bytes = static_cast<std::uint64_t>(file.max_pages()) * page_size;
    const auto used = file.used_pages();
    info.bytes = used ? static_cast<std::uint64_t>(*used) * page_size : 0;
    const auto oldest = file.database().number(
        "SELECT time FROM pending JOIN entry ON entry.seq=pending.seq ORDER BY pending.seq LIMIT "
        "1");
    if (oldest && *oldest) {
        info.oldest_pending = Timestamp(std::chrono::milliseconds(**oldest));
    }
    const auto span = file.entries().span();
    if (!span || !*span) {
        return;
    }
    info.first_time = (*span)->first;
    info.last_time = (*span)->second;
    const std::chrono::duration<double, std::ratio<86400>> days = (*span)->second - (*span)->first;
    constexpr std::chrono::minutes telling(10);  // less says too little of a day
    if (days >= telling && info.entries > 1) {
        const double per_entry =
            static_cast<double>(info.bytes) / static_cast<double>(info.entries);
        const double per_day = static_cast<double>(info.entries - 1) / days.count() * per_entry;
        const double waiting = static_cast<double>(info.pending_entries) * per_entry;
        info.days_until_full =
            std::max(0.0, static_cast<double>(info.max_bytes) - waiting) / per_day;
    }
}

Result<SpoolInfo> inspect_spool(const std::filesystem::path& directory,
                                std::chrono::milliseconds budget) {
    const auto none = [&directory](ErrorKind kind) {
        return fail(kind, fmt::format("there is no spool in {}", directory.string()));
    };
    std::error_code error;
    const bool is_there = std::filesystem::exists(directory, error);
    if (error || !is_there) {  // before it is opened, which would make it
        return none(error == std::errc::permission_denied ? ErrorKind::denied
                                                          : ErrorKind::not_found);
    }
    const auto opened = SpoolDirectory::open(directory);
    if (!opened) {
        return pass_on(opened);
    }
    if (!std::filesystem::exists(opened->database(), error)) {
        return none(ErrorKind::not_found);
    }
    if (auto fine = check_outside(opened->database()); !fine) {
        return pass_on(fine);
    }
    auto file = SpoolFile::open(opened->database(), {});
    if (!file) {
        return pass_on(file);
    }
    if (auto whole = (*file)->database().check(budget); !whole) {
        return pass_on(whole);
    }
    SpoolInfo info;
    fill(info, **file);
    return info;
}

}  // namespace pwlog
