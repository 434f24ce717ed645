#include "spool/page_carver.h"

#include <algorithm>

#include "spool/record_format.h"
#include "spool/schema.h"

namespace pwlog {

namespace {

using Columns = std::vector<ColumnValue>;
using Kind = ColumnValue::Kind;

/// The shapes of the tables in schema.cpp. Their first column, the row id, is stored as NULL.
bool has_shape(const Columns& columns, std::initializer_list<Kind> shape) {
    return std::equal(columns.begin(), columns.end(), shape.begin(), shape.end(),
                      [](const ColumnValue& column, Kind kind) { return column.kind == kind; });
}

bool is_entry(const Columns& columns) {
    return has_shape(columns, {Kind::null, Kind::integer, Kind::integer, Kind::integer,
                               Kind::integer, Kind::blob});
}

std::optional<Ledger> as_ledger(const Columns& columns) {
    LedgerRow row{};
    if (columns.size() != row.size() + 1 || columns[0].kind != Kind::null) {
        return std::nullopt;
    }
    std::transform(columns.begin() + 1, columns.end(), row.begin(),
                   [](const ColumnValue& column) { return column.integer; });
    return from_row(row);
}

std::optional<RememberedValue> as_remembered(const Columns& columns) {
    if (!has_shape(columns, {Kind::null, Kind::text, Kind::text, Kind::integer, Kind::integer})) {
        return std::nullopt;
    }
    RememberedValue value{std::string(columns[1].bytes), std::string(columns[2].bytes),
                          columns[3].integer};
    return columns[4].integer == remembered_checksum(value.name, value.value)
               ? std::optional(std::move(value))
               : std::nullopt;
}

}  // namespace

std::string PageCarver::overflow_page(std::uint32_t number, From from) const {
    if (from == From::log) {
        // Also frames that SQLite does not read: the row's own checksum decides.
        const auto& frames = log_.frames();
        const auto frame = std::find_if(frames.rbegin(), frames.rend(), [&](const auto& candidate) {
            return candidate.page_number == number && candidate.current;
        });
        if (frame != frames.rend()) {
            return std::string(log_.page(*frame));
        }
    }
    return database_ == nullptr || number == 0
               ? std::string{}
               : database_->read(std::uint64_t{number - 1} * page_size, page_size);
}

std::optional<std::string> PageCarver::payload(const LeafCell& cell, From from) const {
    std::string bytes(cell.local);
    std::uint32_t next = cell.overflow_page;
    if (cell.payload_size > max_record_size) {
        return std::nullopt;
    }
    while (bytes.size() < cell.payload_size) {
        const std::string page = overflow_page(next, from);
        if (page.size() != page_size) {
            return std::nullopt;
        }
        const std::size_t missing = cell.payload_size - bytes.size();
        bytes.append(page, 4, std::min<std::size_t>(missing, page_size - 4));
        next = 0;
        for (const char byte : page.substr(0, 4)) {
            next = (next << 8U) | static_cast<unsigned char>(byte);
        }
    }
    return bytes;
}

/// A row's tail may lie in the log or, if it was not changed since, in the file: both are tried.
std::optional<Entry> PageCarver::whole_entry(const LeafCell& cell, bool& looks_like_entry) const {
    for (const From from : {From::log, From::database}) {
        const auto bytes = payload(cell, from);
        const auto columns = bytes ? record_columns(*bytes) : std::nullopt;
        if (columns && is_entry(*columns)) {
            looks_like_entry = true;
            auto entry = decode_record(columns->at(5).bytes,
                                       static_cast<std::uint32_t>(columns->at(4).integer),
                                       static_cast<std::uint32_t>(columns->at(3).integer));
            if (entry) {
                return std::move(*entry);
            }
        }
    }
    return std::nullopt;
}

bool PageCarver::take_row(const LeafCell& cell, const Finds& finds) {
    bool looks_like_entry = false;
    if (auto entry = whole_entry(cell, looks_like_entry)) {
        return finds.entry(cell.row_id, std::move(*entry));
    }
    damaged_ += looks_like_entry ? 1 : 0;
    const auto bytes = payload(cell, From::log);
    const auto columns = bytes ? record_columns(*bytes) : std::nullopt;
    if (!columns) {
        return true;
    }
    if (const auto ledger = as_ledger(*columns)) {
        finds.ledger(*ledger);
    } else if (auto value = as_remembered(*columns)) {
        finds.remembered(std::move(*value));
    }
    return true;
}

bool PageCarver::search_page(std::string_view page, std::size_t header, const Finds& finds) {
    const auto cells = leaf_cells(page, header);
    return std::all_of(cells.begin(), cells.end(),
                       [&](const LeafCell& cell) { return take_row(cell, finds); });
}

void PageCarver::search_database(const Finds& finds) {
    if (database_ == nullptr) {
        return;
    }
    for (std::uint64_t offset = 0; offset < database_->size(); offset += page_size) {
        if (!search_page(database_->read(offset, page_size), 0, finds)) {
            return;
        }
    }
}

void PageCarver::search_log(bool lost_only, const Finds& finds) {
    for (const auto& frame : log_.frames()) {
        if (lost_only && !log_.is_lost(frame)) {
            continue;
        }
        if (!search_page(log_.page(frame), 0, finds)) {
            return;
        }
    }
}

std::optional<Ledger> PageCarver::ledger_on(std::string_view page) {
    for (const auto& cell : leaf_cells(page, 0)) {
        if (const auto columns = record_columns(cell.local)) {
            if (auto ledger = as_ledger(*columns)) {
                return ledger;
            }
        }
    }
    return std::nullopt;
}

}  // namespace pwlog
