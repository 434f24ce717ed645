// SPDX-License-Identifier: MIT
#include "spool/sqlite/database.h"

#include <sqlite3.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "spool/sqlite/sqlite_failure.h"

namespace pwlog {

namespace {

/// The check tells a failed read among what it finds wrong, with SQLite's code.
bool is_io_error(const std::string& finding) {
    constexpr std::string_view words = "error code=";
    const auto place = finding.find(words);
    const int code =
        place == std::string::npos ? 0 : std::atoi(finding.c_str() + place + words.size());
    return (code & 0xff) == SQLITE_IOERR;
}

int note_wal_frames(void* count, sqlite3*, const char*, int frames) {
    *static_cast<int*>(count) = frames;
    return SQLITE_OK;
}

}  // namespace

Rows::Rows(Rows&& other) noexcept : statement_(std::move(other.statement_)) {
    other.statement_ = nullptr;
}

Rows::~Rows() {
    if (statement_ && *statement_ != nullptr) {
        sqlite3_reset(*statement_);  // its error was reported by next()
        sqlite3_clear_bindings(*statement_);
    }
}

Result<bool> Rows::next() {
    if (!statement_) {
        return pass_on(statement_);
    }
    const int code = sqlite3_step(*statement_);
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        return code == SQLITE_ROW;
    }
    return sqlite_failure(sqlite3_db_handle(*statement_), sqlite3_sql(*statement_));
}

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(*statement_, column); }

bool Rows::is_null(int column) const {
    return sqlite3_column_type(*statement_, column) == SQLITE_NULL;
}

std::string_view Rows::bytes(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(*statement_, column));
    const int size = sqlite3_column_bytes(*statement_, column);
    return data == nullptr ? std::string_view{}
                           : std::string_view(data, static_cast<std::size_t>(size));
}

void Rows::bind(int index, std::int64_t value) { sqlite3_bind_int64(*statement_, index, value); }

// Bound without a copy: run() and number() finish within the full expression that holds the values,
// and query() is used with values that outlive its rows.
void Rows::bind(int index, std::string_view value) {
    sqlite3_bind_text64(*statement_, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Rows::bind(int index, Blob value) {
    sqlite3_bind_blob64(*statement_, index, value.bytes.data(), value.bytes.size(), SQLITE_STATIC);
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file) {
    return open(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

Result<std::unique_ptr<Database>> Database::open_existing(const std::filesystem::path& file) {
    return open(file, SQLITE_OPEN_READWRITE);
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& file, int flags) {
    sqlite3* handle = nullptr;
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(file.c_str(), &handle, flags, nullptr);
    std::unique_ptr<Database> database(new Database(handle));  // closes the handle in any case
    if (code != SQLITE_OK) {
        return sqlite_failure(handle, "opening");
    }
    database->set_checkpoint_on_close(false);
    // Takes the place of SQLite's own hook, which would move the log whenever it pleases.
    sqlite3_wal_hook(handle, note_wal_frames, &database->wal_frames_);
    return database;
}

Result<std::unique_ptr<Database>> Database::open_memory(std::string_view image) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(":memory:", &handle, SQLITE_OPEN_READWRITE, nullptr);
    std::unique_ptr<Database> database(new Database(handle));
    if (code != SQLITE_OK || image.empty()) {
        return code == SQLITE_OK ? Result<std::unique_ptr<Database>>(std::move(database))
                                 : sqlite_failure(handle, "opening in memory");
    }
    auto* pages = static_cast<unsigned char*>(sqlite3_malloc64(image.size()));
    if (pages == nullptr) {
        return fail(ErrorKind::io, "no memory for a few pages of the spool");
    }
    std::memcpy(pages, image.data(), image.size());
    const auto size = static_cast<sqlite3_int64>(image.size());
    // Frees the pages in any case.
    if (sqlite3_deserialize(handle, "main", pages, size, size, SQLITE_DESERIALIZE_FREEONCLOSE) !=
        SQLITE_OK) {
        return fail(ErrorKind::io, "a few pages of the spool cannot be opened in memory");
    }
    return database;
}

Result<std::string> Database::image() {
    sqlite3_int64 size = 0;
    const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> pages(
        sqlite3_serialize(handle_, "main", &size, 0), sqlite3_free);
    if (!pages) {
        return sqlite_failure(handle_, "copying its pages");
    }
    return std::string(reinterpret_cast<const char*>(pages.get()), static_cast<std::size_t>(size));
}

Database::Database(sqlite3* handle) : handle_(handle) {}

Database::~Database() {
    for (const auto& [sql, statement] : statements_) {
        sqlite3_finalize(statement);
    }
    sqlite3_close(handle_);
}

Result<sqlite3_stmt*> Database::prepare(std::string_view sql) {
    if (const auto known = statements_.find(sql); known != statements_.end()) {
        return known->second;
    }
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) {
        return sqlite_failure(handle_, sql);
    }
    statements_.emplace(sql, statement);
    return statement;
}

Result<void> Database::prepared(std::string_view sql) {
    const auto statement = prepare(sql);
    return statement ? Result<void>{} : pass_on(statement);
}

Result<void> Database::finish(Rows rows) {
    const auto row = rows.next();  // what changes something does so in one step
    return row ? Result<void>{} : pass_on(row);
}

Result<std::optional<std::int64_t>> Database::first(Rows rows) {
    const auto row = rows.next();
    if (!row) {
        return pass_on(row);
    }
    return *row && !rows.is_null(0) ? std::optional(rows.integer(0)) : std::nullopt;
}

Result<void> Database::execute(const std::string& sql) {
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Result<void>{} : sqlite_failure(handle_, sql);
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }

void Database::roll_back() {
    if (sqlite3_get_autocommit(handle_) == 0) {
        static_cast<void>(run("ROLLBACK"));
    }
}

Result<void> Database::checkpoint() {
    if (sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr) !=
        SQLITE_OK) {
        return sqlite_failure(handle_, "moving the write-ahead log into the spool");
    }
    wal_frames_ = 0;
    return {};
}

void Database::forget_pages() { sqlite3_db_release_memory(handle_); }

void Database::set_checkpoint_on_close(bool on) {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

Result<void> Database::check(std::chrono::milliseconds budget) {
    // SQLite 3.40 walks through a whole table between two looks at the handler below.
    constexpr std::int64_t bytes_per_ms = 40'000;  // a middling SD card, or a slow disk
    const auto bytes =
        number("SELECT page_count*page_size FROM pragma_page_count,pragma_page_size");
    if (!bytes) {
        return pass_on(bytes);
    }
    if (*bytes > budget.count() * bytes_per_ms) {
        return {};
    }
    struct Deadline {
        std::chrono::steady_clock::time_point when;
        bool passed = false;
    } deadline{std::chrono::steady_clock::now() + budget};
    const auto expired = [](void* context) {
        auto* limit = static_cast<Deadline*>(context);
        limit->passed = std::chrono::steady_clock::now() >= limit->when;
        return limit->passed ? 1 : 0;
    };
    sqlite3_progress_handler(handle_, 1000, expired, &deadline);
    Result<void> result;
    {
        auto rows = query("PRAGMA quick_check(1)");
        const auto row = rows.next();
        if (!row && !deadline.passed) {
            result = pass_on(row);
        } else if (row && rows.bytes(0) != "ok") {
            const std::string found(rows.bytes(0));
            result = fail(is_io_error(found) ? ErrorKind::io : ErrorKind::corrupt,
                          "quick_check: " + found);
        }
    }
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
    return result;
}

}  // namespace pwlog
