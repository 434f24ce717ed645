// SPDX-License-Identifier: MIT
#include "spool_model.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "spool_support.h"

namespace pwlog::test {

int SpoolModel::Row::count(State state) const {
    return static_cast<int>(std::count(states.begin(), states.end(), state));
}

bool SpoolModel::has(const std::string& stream, Timestamp time) const {
    const auto times = times_.find(stream);
    return times != times_.end() && times->second.contains(time);
}

Timestamp SpoolModel::free_time(const std::string& stream, Timestamp wanted) const {
    while (has(stream, wanted)) {
        wanted += std::chrono::milliseconds(1);
    }
    return wanted;
}

void SpoolModel::append(const Entry& entry) {
    const auto count = entry.documents.size();
    rows_[next_seq_++] = {entry, std::vector(count, State::pending), {}};
    times_[entry.stream].insert(entry.time);
    read_ += static_cast<std::int64_t>(count);
}

void SpoolModel::settle(const std::vector<Settlement>& settlements) {
    for (const auto& settlement : settlements) {
        const auto row = rows_.find(settlement.ref.seq);
        const auto position = static_cast<std::size_t>(settlement.ref.position);
        if (row == rows_.end() || row->second.states.at(position) != State::pending ||
            settlement.outcome == Outcome::kept) {
            continue;
        }
        auto& [entry, states, reasons] = row->second;
        states[position] = settlement.outcome == Outcome::stored      ? State::stored
                           : settlement.outcome == Outcome::duplicate ? State::duplicate
                                                                      : State::rejected;
        if (settlement.outcome == Outcome::rejected) {
            reasons[settlement.ref.position] = settlement;
        }
    }
}

void SpoolModel::retry(const RejectFilter& filter) {
    for (auto& [seq, row] : rows_) {
        for (auto reason = row.reasons.begin(); reason != row.reasons.end();) {
            const bool fits = (!filter.status || *filter.status == reason->second.status) &&
                              (!filter.type || *filter.type == reason->second.type);
            if (fits) {
                row.states[static_cast<std::size_t>(reason->first)] = State::pending;
            }
            reason = fits ? row.reasons.erase(reason) : std::next(reason);
        }
    }
}

std::vector<SpooledDocument> SpoolModel::pending() const {
    std::vector<SpooledDocument> all;
    for (const auto& [seq, row] : rows_) {
        for (std::size_t i = 0; i < row.states.size(); ++i) {
            if (row.states[i] == State::pending) {
                all.push_back({row.entry.documents[i], {seq, static_cast<int>(i)}});
            }
        }
    }
    return all;
}

std::int64_t SpoolModel::total(State state) const {
    const auto forgotten = forgotten_.find(state);
    std::int64_t sum = forgotten == forgotten_.end() ? 0 : forgotten->second;
    for (const auto& [seq, row] : rows_) {
        sum += row.count(state);
    }
    return sum;
}

void SpoolModel::drop_oldest(std::int64_t documents) {
    while (documents > 0) {
        const auto oldest = std::find_if(rows_.begin(), rows_.end(), [](const auto& item) {
            return item.second.count(State::pending) > 0;
        });
        REQUIRE(oldest != rows_.end());
        const int lost = oldest->second.count(State::pending);
        for (const State state : {State::stored, State::duplicate, State::rejected}) {
            forgotten_[state] += oldest->second.count(state);
        }
        documents -= lost;
        dropped_ += lost;
        times_[oldest->second.entry.stream].erase(oldest->second.entry.time);
        rows_.erase(oldest);
    }
    CHECK(documents == 0);  // whole entries
}

void SpoolModel::compare_drops(Spool& spool) { drop_oldest(spool.info().dropped - dropped_); }

void SpoolModel::compare(Spool& spool) {
    compare_drops(spool);
    compare_export(spool);
    compare_rejects(spool);
    compare_pending(spool);
    compare_counters(spool.info());
}

void SpoolModel::compare_counters(const SpoolInfo& info) const {
    CHECK(info.read == read_);
    CHECK(info.stored == total(State::stored));
    CHECK(info.duplicates == total(State::duplicate));
    CHECK(info.rejected == total(State::rejected));
    CHECK(info.dropped == dropped_);
    CHECK(info.pending_documents == total(State::pending));
    CHECK(info.read ==
          info.stored + info.duplicates + info.rejected + info.pending_documents + info.dropped);
    CHECK(info.pending_entries == std::count_if(rows_.begin(), rows_.end(), [](const auto& item) {
              return item.second.count(State::pending) > 0;
          }));
    CHECK(info.rejects_kept + info.rejects_dropped == info.rejected);
    CHECK(info.quarantined_entries == 0);
    CHECK(info.unwritten_entries == 0);
}

void SpoolModel::compare_pending(Spool& spool) {
    const auto expected = pending();
    const auto found = all_pending(spool, {7, 2000});
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        CHECK(found[i].ref == expected[i].ref);
        CHECK(found[i].id == expected[i].id);
        CHECK(found[i].json == expected[i].json);
        CHECK(found[i].index == expected[i].index);
    }
}

/// Rejects may be given up, oldest first; those that are there are as they were refused.
void SpoolModel::compare_rejects(Spool& spool) {
    const auto found = spool.rejects({}, 100'000);
    REQUIRE(found);
    CHECK(static_cast<std::int64_t>(found->size()) == spool.info().rejects_kept);
    std::set<DocumentRef> kept;
    for (const auto& reject : *found) {
        kept.insert(reject.ref);
        const auto& row = rows_.at(reject.ref.seq);
        const auto& reason = row.reasons.at(reject.ref.position);
        const auto& document =
            row.entry.documents.at(static_cast<std::size_t>(reject.ref.position));
        CHECK(reject.id == document.id);
        CHECK(reject.json == document.json);
        CHECK(reject.status == reason.status);
        CHECK(reject.type == reason.type);
        CHECK(reject.reason == reason.reason);
    }
    for (auto& [seq, row] : rows_) {
        std::erase_if(row.reasons, [&, number = seq](const auto& reason) {
            return !kept.contains({number, reason.first});
        });
    }
}

/// All that waits or was refused is there, and of the rest nothing that never was. What the archive
/// has let go is forgotten here too.
void SpoolModel::compare_export(Spool& spool) {
    std::map<std::pair<std::string, Timestamp>, Entry> found;
    Timestamp before{};
    CHECK(spool.export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        CHECK(entry.time >= before);
        before = entry.time;
        CHECK(found.emplace(std::pair(entry.stream, entry.time), entry).second);
        return true;
    }));
    for (auto row = rows_.begin(); row != rows_.end();) {
        auto& [entry, states, reasons] = row->second;
        const auto there = found.find({entry.stream, entry.time});
        if (there == found.end()) {
            CHECK(row->second.count(State::pending) == 0);
            for (const State state : {State::stored, State::duplicate, State::rejected}) {
                forgotten_[state] += row->second.count(state);
            }
            times_[entry.stream].erase(entry.time);
            row = rows_.erase(row);
            continue;
        }
        REQUIRE(there->second.documents.size() == entry.documents.size());
        for (std::size_t i = 0; i < entry.documents.size(); ++i) {
            CHECK(there->second.documents[i].id == entry.documents[i].id);
            CHECK(there->second.documents[i].json == entry.documents[i].json);
        }
        found.erase(there);
        ++row;
    }
    CHECK(found.empty());
}

}  // namespace pwlog::test
