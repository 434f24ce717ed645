// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "spool/batch.h"
#include "spool/entry_table.h"
#include "spool/fates.h"
#include "spool/ledger.h"

namespace pwlog {

/// Entries that are not on disk yet: for a moment, or as long as the disk refuses them; then they
/// are shipped from here. Also knows the newest time of every stream, so that the usual sample
/// needs no look into the file. Thread-safe, and never waits for the disk.
class WaitingEntries {
  public:
    explicit WaitingEntries(std::size_t most) : most_(most) {}

    /// What waits here, and what was given up here and is not in the books yet, as books.
    struct Amount {
        std::size_t entries = 0;
        std::int64_t documents = 0;  ///< pending
        Ledger books{};              ///< of those that wait and of those that are gone
        Ledger fates{};              ///< of documents in the file
    };

    /// Adds one and returns its ticket; where there are too many, one whose fate is settled goes,
    /// or else the oldest that is not in flight. Refused with ErrorKind::invalid where an entry of
    /// its stream and time waits already.
    Result<std::uint64_t> push(PreparedEntry entry);
    /// The oldest few. They stay, and are not given up, until pop() or release().
    std::vector<WaitingEntry> borrow(std::size_t most);
    /// They are in the file under these numbers.
    void pop(const std::vector<std::int64_t>& numbers);
    void release();
    /// Whether the entry of this ticket has been popped.
    bool is_written(std::uint64_t ticket) const;

    /// Adds the documents that wait here behind `after` to a batch: they are in flight until
    /// land().
    void add_to(Batch& batch, const BatchLimits& limits, DocumentRef after);
    void land();
    /// Whether this is a document that was given out from here.
    static bool is_ours(DocumentRef ref);
    /// Takes note of the fates of such documents. Returns those of the others, and those of what
    /// has been written meanwhile with their places in the file.
    std::vector<Settlement> note(std::span<const Settlement> settlements);

    /// The same of documents in the file whose fate could not be written: it waits here.
    void note_in_file(std::span<const Settlement> settlements);
    std::uint64_t done_in_file(std::int64_t seq) const;
    /// Those of a few entries; forget_fates() once they are written.
    std::vector<Settlement> fates_in_file() const;
    void forget_fates(const std::vector<Settlement>& written);

    bool contains(const std::string& stream, Timestamp time) const;
    std::optional<Timestamp> newest(const std::string& stream) const;
    void note_newest(const std::map<std::string, Timestamp>& newest);
    /// Whether that has been said at all.
    bool knows_newest() const;
    std::optional<std::string> state(const std::string& name) const;

    Amount amount() const;
    bool is_full() const;

  private:
    struct Item {
        std::uint64_t ticket = 0;
        WaitingEntry waiting;
        bool settled() const;
    };
    bool has(const std::string& stream, Timestamp time) const;
    Ledger give_one_up();

    const std::size_t most_;
    mutable std::mutex mutex_;
    std::deque<Item> items_;
    std::map<std::string, Timestamp> newest_;
    bool knows_newest_ = false;
    std::map<std::int64_t, Fates> fates_in_file_;    // by the entry's number
    std::map<std::uint64_t, std::int64_t> numbers_;  // of entries that were given out and written
    std::size_t borrowed_ = 0;
    std::uint64_t last_ticket_ = 0;
    std::uint64_t given_out_ = 0;  // the newest ticket in a batch
    std::uint64_t written_ = 0;    // the newest ticket that was popped
};

}  // namespace pwlog
