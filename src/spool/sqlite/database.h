// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pwlog {

/// Bytes to be bound as a BLOB and not as text.
struct Blob {
    std::string_view bytes;
};

/// The rows of one running statement. It is reset when this goes; at most one per SQL text at a
/// time.
class Rows {
  public:
    /// Moves to the next row; false after the last.
    Result<bool> next();
    /// Calls `take` with each row that is left.
    template <class Take>
    Result<void> each(Take take) {
        auto row = next();
        for (; row && *row; row = next()) {
            take(*this);
        }
        return row ? Result<void>{} : pass_on(row);
    }
    std::int64_t integer(int column) const;
    bool is_null(int column) const;
    /// Text or BLOB; valid until the next call of next().
    std::string_view bytes(int column) const;

    Rows(Rows&& other) noexcept;
    Rows& operator=(Rows&&) = delete;
    ~Rows();

  private:
    friend class Database;
    explicit Rows(Result<sqlite3_stmt*> statement) : statement_(std::move(statement)) {}
    void bind(int index, std::int64_t value);
    void bind(int index, std::string_view value);
    void bind(int index, Blob value);

    Result<sqlite3_stmt*> statement_;  // the reason where it could not be prepared
};

/// One SQLite connection, the only one to its file: exclusive from open to destruction. Statements
/// are kept prepared by their text. One thread at a time.
class Database {
  public:
    /// Opens or makes the file with SQLite's own NOFOLLOW: no link anywhere in its path.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file);
    /// The same of a file that is there.
    static Result<std::unique_ptr<Database>> open_existing(const std::filesystem::path& file);
    /// One in memory, of the pages in `image`, or empty.
    static Result<std::unique_ptr<Database>> open_memory(std::string_view image = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `sql` must be a literal: its address is kept. Values: integers, text, Blob.
    template <class... Values>
    Rows query(std::string_view sql, const Values&... values) {
        Rows rows(prepare(sql));
        if (rows.statement_) {
            int index = 0;
            (rows.bind(++index, values), ...);
        }
        return rows;
    }

    template <class... Values>
    Result<void> run(std::string_view sql, const Values&... values) {
        return finish(query(sql, values...));
    }

    /// The first column of the first row; none where there is no row or it is NULL.
    template <class... Values>
    Result<std::optional<std::int64_t>> number(std::string_view sql, const Values&... values) {
        return first(query(sql, values...));
    }

    /// Whether it can be compiled.
    Result<void> prepared(std::string_view sql);
    /// Several statements at once, not kept.
    Result<void> execute(const std::string& sql);
    /// Rows changed by the last statement that ran.
    std::int64_t changes() const;

    /// Undoes what was done since BEGIN. Where that fails, too, SQLite ends the transaction.
    void roll_back();

    /// Its pages.
    Result<std::string> image();
    /// What is asked next is read from the disk again.
    void forget_pages();

    /// Frames in the write-ahead log since it last began anew.
    int wal_frames() const { return wal_frames_; }
    /// Moves the log into the file; flushes both.
    Result<void> checkpoint();
    /// Whether closing does so too and deletes the log. Off at first: a file that turns out to be
    /// damaged must stay as it is found.
    void set_checkpoint_on_close(bool on);

    /// PRAGMA quick_check for at most `budget`; a check that ran out of time, or of a file that no
    /// card reads in that time, counts as passed: what is wrong there shows where it is read. What
    /// was found wrong is ErrorKind::corrupt.
    Result<void> check(std::chrono::milliseconds budget);

  private:
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, int flags);
    explicit Database(sqlite3* handle);
    Result<sqlite3_stmt*> prepare(std::string_view sql);
    static Result<void> finish(Rows rows);
    static Result<std::optional<std::int64_t>> first(Rows rows);

    sqlite3* handle_;
    int wal_frames_ = 0;
    std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
};

}  // namespace pwlog
