// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "spool/batch.h"
#include "spool/entry.h"
#include "spool/spool.h"

namespace pwlog::test {

/// What a spool should be: a map. Fed with the same calls as the real one, and then compared.
class SpoolModel {
  public:
    bool has(const std::string& stream, Timestamp time) const;
    Timestamp free_time(const std::string& stream, Timestamp wanted) const;
    void append(const Entry& entry);
    void settle(const std::vector<Settlement>& settlements);
    void retry(const RejectFilter& filter);

    /// Everything that can be seen from outside. A cap may have taken entries: then exactly the
    /// oldest that wait, and these are counted.
    void compare(Spool& spool);
    /// Only what the cap has taken: to be told after each call that may need room.
    void compare_drops(Spool& spool);

  private:
    enum class State { pending, stored, duplicate, rejected };
    struct Row {
        Entry entry;
        std::vector<State> states;
        std::map<int, Settlement> reasons;

        int count(State state) const;
    };
    void compare_counters(const SpoolInfo& info) const;
    void compare_pending(Spool& spool);
    void compare_rejects(Spool& spool);
    void compare_export(Spool& spool);
    void drop_oldest(std::int64_t documents);
    std::vector<SpooledDocument> pending() const;
    std::int64_t total(State state) const;

    std::map<std::int64_t, Row> rows_;
    std::map<std::string, std::set<Timestamp>> times_;
    std::int64_t next_seq_ = 1;
    std::int64_t read_ = 0;
    std::int64_t dropped_ = 0;
    std::map<State, std::int64_t> forgotten_;  // of rows that were dropped: what had become of them
};

}  // namespace pwlog::test
