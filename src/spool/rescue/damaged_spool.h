// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spool/entry_table.h"
#include "spool/ledger.h"
#include "spool/sqlite/database.h"

namespace pwlog {

/// What can be read of a damaged spool, which was set aside: its rows one by one, around the pages
/// that cannot be read. Damage is passed over at once; a read that the disk fails is an error, and
/// counts as damage only after some tries in a row.
class DamagedSpool {
  public:
    explicit DamagedSpool(std::filesystem::path file) : file_(std::move(file)) {}

    const std::filesystem::path& file() const { return file_; }
    /// To be called until it worked; then nothing is left to read where SQLite cannot open it.
    Result<void> open();
    bool is_open() const { return opened_; }
    bool is_readable() const { return source_ != nullptr; }

    /// Where a walk through its rows is.
    struct Place {
        std::int64_t position = 0;    ///< the last entry that was dealt with
        std::int64_t gap_end = 0;     ///< up to here which entries wait cannot be read: all do
        std::int64_t unreadable = 0;  ///< documents that wait in rows that cannot be read
        std::int64_t stage = pending;
    };
    /// What waits; then the entries with documents that were refused; then nothing is left.
    static constexpr std::int64_t pending = 0;
    static constexpr std::int64_t rejects = 1;
    static constexpr std::int64_t end = 2;

    struct Row {
        std::int64_t seq = 0;
        std::int64_t mask = -1;  ///< of the documents that wait
        PreparedEntry entry;
    };
    /// The next row whose body has its checksum; none at the end of the last stage.
    Result<std::optional<Row>> next(Place& place);

    std::int64_t newest_number() const { return newest_; }
    Result<std::optional<Ledger>> books();
    /// All that is remembered and whole.
    using Remembered = std::function<Result<void>(const std::string& name, const std::string& value,
                                                  std::int64_t seq)>;
    Result<void> visit_remembered(const Remembered& visitor);
    /// What was refused of an entry.
    using Visitor = std::function<Result<void>(Rows& row)>;
    Result<void> visit_rejects(std::int64_t seq, const Visitor& visitor);

    /// No entry has a number from here on.
    static constexpr std::int64_t past_all = std::int64_t{1} << 48U;

  private:
    /// That SQLite compiles where it knows the tables.
    static std::span<const std::string_view> queries();
    Result<void> configure(bool& sound);
    Result<void> open_or_mend();
    Result<bool> is_ours(bool has_log) const;
    Result<void> find_newest_number();
    Result<std::optional<Row>> next_pending(Place& place, bool& again);
    Result<std::optional<Row>> next_in_gap(Place& place, bool& again);
    Result<std::optional<Row>> next_reject(Place& place, bool& again);
    static Result<std::optional<Row>> whole(Rows& rows, std::int64_t seq, std::int64_t mask);
    Result<std::int64_t> first_readable(std::string_view sql, std::int64_t from,
                                        std::int64_t limit);
    Result<std::optional<std::int64_t>> number(std::string_view sql, std::int64_t from);
    Result<void> visit(Rows rows, const Visitor& visitor);
    bool is_lost(const Error& error);

    std::filesystem::path file_;
    std::unique_ptr<Database> source_;
    bool opened_ = false;
    std::int64_t newest_ = 0;
    int io_errors_ = 0;  // in a row
};

}  // namespace pwlog
