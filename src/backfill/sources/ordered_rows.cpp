// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <sqlite3.h>

#include "backfill/sources/row_source.h"

namespace pwlog {
namespace {

constexpr std::uint64_t stop_asked_every = 1024;

Result<void> check_stop(const std::stop_token& stop, std::uint64_t rows) {
    return rows % stop_asked_every == 0 && stop.stop_requested()
               ? fail(ErrorKind::stopped, "asked to stop")
               : Result<void>{};
}

/// A database that SQLite keeps in a file without a name. Its statements are made once.
class ScratchFile {
  public:
    ScratchFile() = default;
    ~ScratchFile() {
        sqlite3_finalize(add_);
        sqlite3_finalize(read_);
        sqlite3_close(db_);
    }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    Result<void> open() {
        // Rows come one behind the other, and are sorted in parts of as much memory as a cache has.
        const bool opened =
            sqlite3_open_v2("", &db_,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                            nullptr) == SQLITE_OK &&
            run("PRAGMA page_size=1024") && run("PRAGMA cache_size=-256") &&
            run("PRAGMA journal_mode=OFF") && run("PRAGMA synchronous=OFF") &&
            run("CREATE TABLE row(time INTEGER, source INTEGER, line INTEGER, "
                "reason BLOB, text BLOB)") &&
            run("BEGIN") && prepare("INSERT INTO row VALUES(?,?,?,?,?)", add_);
        return opened ? Result<void>{} : failed();
    }

    Result<void> add(std::int64_t time, const Row& row) {
        sqlite3_bind_int64(add_, 1, time);
        sqlite3_bind_int64(add_, 2, static_cast<sqlite3_int64>(row.source));
        sqlite3_bind_int64(add_, 3, static_cast<sqlite3_int64>(row.line));
        bind(4, row.reason);
        bind(5, row.text);
        const bool added = sqlite3_step(add_) == SQLITE_DONE;
        sqlite3_reset(add_);
        count_ += 1;
        return added ? Result<void>{} : failed();
    }

    Result<void> begin_reading() {
        const bool ready =
            run("COMMIT") &&
            prepare("SELECT source, line, reason, text FROM row ORDER BY time, rowid", read_);
        return ready ? Result<void>{} : failed();
    }

    Result<bool> next(Row& row) {
        const int code = ended_ ? SQLITE_DONE : sqlite3_step(read_);
        if (code == SQLITE_DONE) {
            ended_ = true;  // another step would begin anew
            return false;
        }
        if (code != SQLITE_ROW) {
            return failed();
        }
        row.source = static_cast<std::size_t>(sqlite3_column_int64(read_, 0));
        row.line = static_cast<std::uint64_t>(sqlite3_column_int64(read_, 1));
        read_column(2, row.reason);
        read_column(3, row.text);
        return true;
    }

    std::uint64_t count() const { return count_; }

  private:
    bool run(const char* sql) {
        return sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    bool prepare(const char* sql, sqlite3_stmt*& statement) {
        return sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) == SQLITE_OK;
    }
    void bind(int place, const std::string& bytes) {
        sqlite3_bind_blob64(add_, place, bytes.data(), bytes.size(), SQLITE_STATIC);
    }
    void read_column(int place, std::string& into) {
        const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(read_, place));
        into.assign(bytes == nullptr ? "" : bytes,
                    static_cast<std::size_t>(sqlite3_column_bytes(read_, place)));
    }
    tl::unexpected<Error> failed() const {
        return fail(ErrorKind::io,
                    fmt::format("the scratch file for putting rows in order of time: {} (is "
                                "there room in $TMPDIR, else in /var/tmp?)",
                                sqlite3_errmsg(db_)));
    }

    sqlite3* db_ = nullptr;
    sqlite3_stmt* add_ = nullptr;
    sqlite3_stmt* read_ = nullptr;
    std::uint64_t count_ = 0;
    bool ended_ = false;
};

class OrderedRows final : public RowSource {
  public:
    explicit OrderedRows(std::unique_ptr<RowSource> rows) : rows_(std::move(rows)) {}

    Result<void> fill(const std::stop_token& stop) {
        auto opened = scratch_.open();
        Timestamp time{};
        Row row;
        while (opened) {
            const auto more = rows_->next(row);
            if (!more || !*more) {
                opened = more ? scratch_.begin_reading() : pass_on(more);
                break;
            }
            // What has no time of its own stays beside what it followed.
            time = row.values.empty() ? time : row.values.front().time;
            opened = scratch_.add(time.time_since_epoch().count(), row);
            opened = opened ? check_stop(stop, scratch_.count()) : opened;
        }
        return opened;
    }

    Result<bool> next(Row& row) override {
        row.before = {handed_out_, handed_out_};
        auto more = scratch_.next(row);
        if (!more || !*more) {
            return more;
        }
        ++handed_out_;
        row.values.clear();
        row.kind = !row.reason.empty()                       ? Row::Kind::bad
                   : row.text.starts_with("{\"@timestamp\"") ? Row::Kind::document
                                                             : Row::Kind::values;
        if (row.kind == Row::Kind::values) {
            row.values = rows_->parser(row.source)->parse(row.text).values;
        }
        return true;
    }

    Result<void> resume(const LinePosition& from) override {
        Row ignored;
        while (handed_out_ < from.lines) {
            const auto more = scratch_.next(ignored);
            if (!more || !*more) {
                return more ? fail(ErrorKind::corrupt, "the saved place is not in this source")
                            : pass_on(more);
            }
            ++handed_out_;
        }
        return {};
    }

    LinePosition position() const override { return {handed_out_, handed_out_}; }
    SourceProgress progress() const override { return {handed_out_, scratch_.count()}; }
    std::uint64_t ignored() const override { return rows_->ignored(); }
    std::string damage() const override { return rows_->damage(); }
    ValueParser* parser(std::size_t source) override { return rows_->parser(source); }

  private:
    std::unique_ptr<RowSource> rows_;
    ScratchFile scratch_;
    std::uint64_t handed_out_ = 0;
};

}  // namespace

Result<std::unique_ptr<RowSource>> order_rows(std::unique_ptr<RowSource> rows,
                                              const std::stop_token& stop) {
    auto ordered = std::make_unique<OrderedRows>(std::move(rows));
    if (const auto filled = ordered->fill(stop); !filled) {
        return pass_on(filled);
    }
    return ordered;
}

}  // namespace pwlog
