#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "spool/entry_table.h"

namespace pwlog {

/// Entries that are not on disk yet: for a moment, or as long as the disk refuses them. Also knows
/// the newest time of every stream, so that the usual sample needs no look into the file.
/// Thread-safe, and never waits for the disk.
class WaitingEntries {
  public:
    explicit WaitingEntries(std::size_t most) : most_(most) {}

    struct Amount {
        std::size_t entries = 0;
        std::int64_t documents = 0;
        std::int64_t dropped = 0;  ///< documents given up here and not yet in the books
    };

    /// Adds one and returns its ticket; the oldest goes where there are too many. Refused with
    /// ErrorKind::invalid where an entry of its stream and time waits already.
    Result<std::uint64_t> push(PreparedEntry entry);
    /// The oldest few. They stay, and are not given up, until pop() or release().
    std::vector<std::shared_ptr<const PreparedEntry>> borrow(std::size_t most);
    void pop(std::size_t count);
    void release();
    /// Whether the entry of this ticket has been popped.
    bool is_written(std::uint64_t ticket) const;

    bool contains(const std::string& stream, Timestamp time) const;
    std::optional<Timestamp> newest(const std::string& stream) const;
    void note_newest(const std::map<std::string, Timestamp>& newest);
    std::optional<std::string> state(const std::string& name) const;

    Amount amount() const;
    bool is_full() const;
    void forget_dropped(std::int64_t documents);

  private:
    bool has(const std::string& stream, Timestamp time) const;

    const std::size_t most_;
    mutable std::mutex mutex_;
    std::deque<std::shared_ptr<const PreparedEntry>> entries_;
    std::deque<std::uint64_t> tickets_;  // of the same entries
    std::map<std::string, Timestamp> newest_;
    std::size_t borrowed_ = 0;
    std::uint64_t last_ticket_ = 0;
    std::uint64_t written_ = 0;  // the newest ticket that was popped
    std::int64_t dropped_ = 0;
};

}  // namespace pwlog
