// SPDX-License-Identifier: MIT
#include "backfill/run/identity_scratch.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "backfill/input/scratch_file.h"
#include "base/write_all.h"

namespace pwlog {
namespace {

constexpr std::size_t most_waiting = 4096;

// SQLite has no unsigned integers; which one it is matters to nobody.
std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

IdentityScratch::~IdentityScratch() {
    sqlite3_finalize(add_);
    sqlite3_finalize(find_);
    sqlite3_close(db_);
}

void IdentityScratch::fail_with(const std::string& why) {
    problem_ = fmt::format(
        "a scratch file for the documents' identities: {} (is there room in "
        "$TMPDIR, else in /var/tmp?); of two documents of one identity the "
        "second one is counted as there already",
        why);
}

void IdentityScratch::add(const IdentityBook::Entry& entry) {
    if (db_ != nullptr) {
        insert(entry);
        return;
    }
    waiting_.push_back(entry);
    if (waiting_.size() >= most_waiting) {
        write_out();
    }
}

void IdentityScratch::write_out() {
    if (!file_) {
        file_ = open_scratch_file();
    }
    const std::string_view bytes(reinterpret_cast<const char*>(waiting_.data()),
                                 waiting_.size() * sizeof(IdentityBook::Entry));
    if (!file_ || !write_all(file_.get(), bytes)) {
        fail_with(std::strerror(errno));
    }
    waiting_.clear();
}

std::optional<std::uint64_t> IdentityScratch::find(std::uint64_t key, std::int64_t time) {
    if (db_ == nullptr) {
        make_index();
    }
    if (!problem_.empty()) {
        return std::nullopt;
    }
    sqlite3_bind_int64(find_, 1, time);
    sqlite3_bind_int64(find_, 2, signed_of(key));
    const int code = sqlite3_step(find_);
    std::optional<std::uint64_t> content;
    if (code == SQLITE_ROW) {
        content = static_cast<std::uint64_t>(sqlite3_column_int64(find_, 0));
    } else if (code != SQLITE_DONE) {
        fail_with(sqlite3_errmsg(db_));
    }
    sqlite3_reset(find_);
    return content;
}

bool IdentityScratch::prepare(const char* sql, sqlite3_stmt*& statement) {
    return sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK;
}

void IdentityScratch::make_index() {
    const auto run = [&](const char* sql) {
        return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
    };
    // By time first: what is near in time is near in the file.
    const bool opened =
        sqlite3_open_v2("", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        nullptr) == SQLITE_OK &&
        run("PRAGMA cache_size=-1024") && run("PRAGMA journal_mode=OFF") &&
        run("PRAGMA synchronous=OFF") &&
        run("CREATE TABLE entry(time INTEGER, key INTEGER, content INTEGER,"
            " PRIMARY KEY(time, key)) WITHOUT ROWID") &&
        run("BEGIN") && prepare("INSERT OR IGNORE INTO entry VALUES(?,?,?)", add_) &&
        prepare("SELECT content FROM entry WHERE time=? AND key=?", find_);
    if (!opened) {
        fail_with(sqlite3_errmsg(db_));
        return;
    }
    const auto last = std::move(waiting_);
    waiting_.clear();
    std::vector<IdentityBook::Entry> part(most_waiting);
    const auto insert_all = [&](const std::vector<IdentityBook::Entry>& entries,
                                std::size_t count) {
        for (std::size_t i = 0; i < count && problem_.empty(); ++i) {
            insert(entries[i]);
        }
    };
    const std::size_t size = part.size() * sizeof(IdentityBook::Entry);
    for (off_t at = 0; file_ && problem_.empty();) {
        const ssize_t count = pread(file_.get(), part.data(), size, at);
        if (count <= 0) {
            if (count < 0) {
                fail_with(std::strerror(errno));
            }
            break;
        }
        insert_all(part, static_cast<std::size_t>(count) / sizeof(IdentityBook::Entry));
        at += count;
    }
    insert_all(last, last.size());
    file_.reset();
}

void IdentityScratch::insert(const IdentityBook::Entry& entry) {
    sqlite3_bind_int64(add_, 1, entry.time);
    sqlite3_bind_int64(add_, 2, signed_of(entry.key));
    sqlite3_bind_int64(add_, 3, signed_of(entry.content));
    if (sqlite3_step(add_) != SQLITE_DONE) {
        fail_with(sqlite3_errmsg(db_));
    }
    sqlite3_reset(add_);
}

}  // namespace pwlog
