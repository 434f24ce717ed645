#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "spool/entry.h"
#include "spool/ledger.h"
#include "spool/page_cells.h"
#include "spool/raw_file.h"
#include "spool/wal_file.h"

namespace pwlog {

/// A value remembered with an entry, as found.
struct RememberedValue {
    std::string name;
    std::string value;
    std::int64_t seq = 0;  ///< the larger is the newer
};

/// What is made of the rows that are found. None of the calls may take long-lived views.
struct Finds {
    /// False ends the search.
    std::function<bool(std::int64_t seq, Entry)> entry;
    std::function<void(RememberedValue)> remembered;
    std::function<void(const Ledger&)> ledger;
};

/// Finds rows in the pages of a spool that SQLite cannot or will not read: in every table leaf of
/// the file and of its log, older versions and given-up pages included, whatever the tree above
/// them looks like. Rows are told by their shape and believed by their checksum, so what comes out
/// is whole, but it comes in no order, perhaps twice, and some of it had been pruned.
/// (https://www.sqlite.org/fileformat.html)
class PageCarver {
  public:
    /// `database` may be absent: then only the log is searched.
    PageCarver(const RawFile* database, const WalFile& log) : database_(database), log_(log) {}

    void search_database(const Finds& finds);
    /// Only the frames that SQLite has lost, or all.
    void search_log(bool lost_only, const Finds& finds);
    /// Rows that look like entries and fail their checksum.
    std::int64_t damaged() const { return damaged_; }

    /// The ledger on a raw copy of its page; none where it cannot be read.
    static std::optional<Ledger> ledger_on(std::string_view page);

  private:
    enum class From { log, database };

    bool search_page(std::string_view page, std::size_t header, const Finds& finds);
    bool take_row(const LeafCell& cell, const Finds& finds);
    std::optional<Entry> whole_entry(const LeafCell& cell, bool& looks_like_entry) const;
    std::optional<std::string> payload(const LeafCell& cell, From from) const;
    std::string overflow_page(std::uint32_t number, From from) const;

    const RawFile* database_;
    const WalFile& log_;
    std::int64_t damaged_ = 0;
};

}  // namespace pwlog
