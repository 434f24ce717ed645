// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include "spool/rescue/damaged_spool.h"
#include "spool/rescue/log_tail.h"
#include "spool/schema.h"
#include "spool/spool_directory.h"

namespace pwlog {

// How SQLite is brought to open a DamagedSpool.

Result<void> DamagedSpool::open() {
    auto ready = open_or_mend();
    ready = ready && source_ ? find_newest_number() : ready;
    if (!ready) {
        source_.reset();
        if (!is_lost(ready.error())) {
            return ready;
        }
        spdlog::warn("nothing of {} can be read by SQLite: {}", file_.string(),
                     ready.error().message);
    }
    io_errors_ = 0;
    opened_ = true;
    return {};
}

/// `sound`: with all of its tables as they were made.
Result<void> DamagedSpool::configure(bool& sound) {
    auto opened = Database::open_existing(file_);
    if (!opened) {
        return pass_on(opened);
    }
    source_ = std::move(*opened);
    auto ready = source_->execute(
        "PRAGMA locking_mode=EXCLUSIVE;PRAGMA cell_size_check=ON;"
        "PRAGMA trusted_schema=OFF;PRAGMA cache_size=-1024");
    // Whether it knows the tables; what is in them may be damaged all the same.
    for (const auto sql : queries()) {
        ready = ready ? source_->prepared(sql) : ready;
    }
    const auto books = ready ? load_ledger(*source_) : pass_on(ready);
    const auto tables = books ? verify_schema(*source_, *books) : pass_on(books);
    const auto whole = tables ? verify_page_count(*source_, file_) : tables;
    sound = whole.has_value();
    return sound || whole.error().kind == ErrorKind::corrupt ? ready : whole;
}

/// Where SQLite does not open it, or does not know its tables, the pages that say what they are are
/// put back first, if it is a spool at all.
Result<void> DamagedSpool::open_or_mend() {
    std::error_code error;
    const auto log = read_log_tail(log_of(file_));
    if (!log) {
        return pass_on(log);
    }
    const auto size = std::filesystem::file_size(file_, error);
    // SQLite deletes a log that has lost its file.
    if (!log->empty && (error || size == 0)) {
        if (auto mended = mend_schema(file_); !mended) {
            return mended;
        }
    }
    bool sound = false;
    auto ready = configure(sound);
    if (ready ? sound : ready.error().kind != ErrorKind::corrupt) {
        return ready;
    }
    source_.reset();
    const auto ours = is_ours(!log->empty);
    if (!ours) {
        return pass_on(ours);
    }
    if (*ours) {
        if (auto mended = mend_schema(file_); !mended) {
            return mended;
        }
    }
    return *ours || ready ? configure(sound) : ready;
}

Result<bool> DamagedSpool::is_ours(bool has_log) const {
    const auto page = read_bytes(file_, std::uint64_t{ledger_page - 1} * page_size, page_size);
    const auto books = page ? ledger_on(*page) : pass_on(page);
    const bool damaged = !books && (books.error().kind == ErrorKind::corrupt ||
                                    books.error().kind == ErrorKind::not_found);
    return books || damaged ? Result<bool>(has_log || books) : pass_on(books);
}

Result<void> DamagedSpool::find_newest_number() {
    const auto last = source_->number("SELECT max(seq) FROM entry");
    if (!last && last.error().kind != ErrorKind::corrupt) {
        return pass_on(last);
    }
    const std::int64_t newest = last ? last->value_or(0) : 0;
    newest_ = newest > 0 && newest < past_all ? newest : 0;
    return {};
}

}  // namespace pwlog
