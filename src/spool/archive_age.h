// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace pwlog {

/// How old the entries of the archive are, whatever their own times say: a clock that was set wrong
/// for an hour makes none of them older, and one entry dated far ahead keeps no others. Age is the
/// time that the machine ran (its uptime, which nothing sets), carried over restarts: where the
/// machine was off, entries grow no older. Between two marks all entries count as the younger ones.
class ArchiveAge {
  public:
    explicit ArchiveAge(std::chrono::milliseconds keep) : keep_(keep) {}

    /// It is `uptime` since the machine started, and the next entry gets the number `next_seq`.
    void note(std::chrono::milliseconds uptime, std::int64_t next_seq);

    /// The entries before this number have been there for longer than they are to be kept.
    std::int64_t expired_before() const;

    /// What the next process needs to go on; due now and then, so that it costs no writes.
    bool is_save_due() const;
    std::string save();
    /// Text that cannot be read counts as none: what is there grows old from now on.
    void restore(std::string_view saved);

  private:
    struct Mark {
        std::chrono::milliseconds age;  ///< at which the entries before `next_seq` were there
        std::int64_t next_seq;
    };
    /// Marks lie so far apart.
    std::chrono::milliseconds spacing() const;

    std::chrono::milliseconds keep_;
    std::chrono::milliseconds age_{};  ///< how long machines have run with this spool
    std::optional<std::chrono::milliseconds> uptime_;  ///< when age_ was that
    std::optional<std::chrono::milliseconds> saved_age_;
    std::deque<Mark> marks_;
};

}  // namespace pwlog
