// SPDX-License-Identifier: MIT
#include "spool/ledger.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "spool/record_format.h"

namespace pwlog {

namespace {

/// In the order of the table's columns.
constexpr std::array<std::int64_t Ledger::*, ledger_fields> fields = {
    &Ledger::commits,         &Ledger::next_seq, &Ledger::schema_checksum, &Ledger::entries,
    &Ledger::pending_entries, &Ledger::read,     &Ledger::stored,          &Ledger::duplicates,
    &Ledger::rejected,        &Ledger::dropped,  &Ledger::rejects_kept,    &Ledger::rejects_dropped,
    &Ledger::quarantined,     &Ledger::salvaged};

std::int64_t row_checksum(std::span<const std::int64_t> values) {
    return checksum(fmt::format("{}", fmt::join(values, ",")));
}

Result<void> run_with(Database& database, std::string_view sql, const Ledger& ledger) {
    return std::apply([&](const auto&... values) { return database.run(sql, values...); },
                      to_row(ledger));
}

}  // namespace

LedgerRow to_row(const Ledger& ledger) {
    LedgerRow row{};
    std::transform(fields.begin(), fields.end(), row.begin(),
                   [&](auto field) { return ledger.*field; });
    row.back() = row_checksum(std::span(row).first(ledger_fields));
    return row;
}

std::optional<Ledger> from_row(std::span<const std::int64_t, ledger_fields + 1> row) {
    if (row.back() != row_checksum(row.first(ledger_fields))) {
        return std::nullopt;
    }
    Ledger ledger;
    for (std::size_t i = 0; i < ledger_fields; ++i) {
        ledger.*fields.at(i) = row[i];
    }
    return ledger;
}

Result<void> insert_ledger(Database& database, const Ledger& ledger) {
    return run_with(database, "INSERT INTO ledger VALUES(1,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", ledger);
}

Result<void> save_ledger(Database& database, const Ledger& ledger) {
    auto saved = run_with(database,
                          "UPDATE ledger SET commits=?,next_seq=?,schema_checksum=?,entries=?,"
                          "pending_entries=?,read=?,stored=?,duplicates=?,rejected=?,dropped=?,"
                          "rejects_kept=?,rejects_dropped=?,quarantined=?,salvaged=?,crc=? "
                          "WHERE id=1",
                          ledger);
    if (saved && database.changes() != 1) {
        return fail(ErrorKind::corrupt, "the spool has lost its ledger");
    }
    return saved;
}

Result<Ledger> load_ledger(Database& database) {
    auto rows = database.query(
        "SELECT commits,next_seq,schema_checksum,entries,pending_entries,read,stored,duplicates,"
        "rejected,dropped,rejects_kept,rejects_dropped,quarantined,salvaged,crc "
        "FROM ledger WHERE id=1");
    const auto found = rows.next();
    if (!found) {
        return pass_on(found);
    }
    if (!*found) {
        return fail(ErrorKind::corrupt, "the spool has no ledger");
    }
    LedgerRow row{};
    for (std::size_t i = 0; i < row.size(); ++i) {
        row.at(i) = rows.integer(static_cast<int>(i));
    }
    const auto ledger = from_row(row);
    if (!ledger) {
        return fail(ErrorKind::corrupt, "the spool's ledger does not have its checksum");
    }
    return *ledger;
}

}  // namespace pwlog
