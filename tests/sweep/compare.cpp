// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <bit>
#include <cstdlib>
#include <map>
#include <set>

#include "stage.h"

namespace pwlog::test {

namespace {

/// One look at a spool: what it has, against what it has to have.
class Comparison {
  public:
    Comparison(Spool& spool, Witness& witness, Ending ending, const std::string& where)
        : spool_(spool), witness_(witness), ending_(ending), where_(where) {}

    void run() {
        read_archive();
        read_pending();
        for (std::size_t i = 0; i < witness_.size; ++i) {
            look_at(witness_.entries.at(i));
        }
        check_books();
        check_state();
    }

  private:
    using Key = std::pair<std::string, std::int64_t>;

    void note(Finding kind, const std::string& text) {
        witness_.note(kind, (where_ + ": " + text).c_str());
    }

    void read_archive() {
        const auto done =
            spool_.export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
                const auto time = entry.time.time_since_epoch().count();
                if (!there_.emplace(Key{entry.stream, time}, entry.documents.size()).second) {
                    note(Finding::twice, fmt::format("{} {} is there twice", entry.stream, time));
                }
                const auto* fate = witness_.find(entry.stream.c_str(), time);
                if (fate == nullptr ||
                    fate->documents != static_cast<int>(entry.documents.size())) {
                    note(Finding::books, fmt::format("{} {} was never given", entry.stream, time));
                }
                for (const auto& [id, index, json] : entry.documents) {
                    if (json != content_of(id)) {
                        note(Finding::lost, id + " has another content");
                    }
                }
                return true;
            });
        if (!done) {
            note(Finding::stuck, "cannot be exported: " + done.error().message);
        }
    }

    void read_pending() {
        DocumentRef after;
        for (bool more = true; more;) {
            const auto batch = spool_.next_batch({500, 1U << 20U}, after);
            if (!batch) {
                note(Finding::stuck, "gives no batch: " + batch.error().message);
                return;
            }
            for (const auto& document : batch->documents) {
                after = document.ref;
                if (!pending_.insert(document.id).second) {
                    note(Finding::twice, document.id + " waits twice");
                }
            }
            more = batch->more && !batch->documents.empty();
        }
    }

    void look_at(const EntryFate& fate) {
        const bool there = there_.contains({fate.stream.data(), fate.time});
        if (!there && fate.must_be_there(ending_)) {
            if (witness_.may_be_gone(fate)) {
                lost_ += fate.documents - std::popcount(fate.asked);
            } else {
                note(Finding::lost,
                     fmt::format("{} {} is not there", fate.stream.data(), fate.time));
            }
        }
        unsure_ += !there && !fate.must_be_there(ending_) ? fate.documents : 0;
        least_read_ += there || fate.must_be_there(ending_) ? fate.documents : 0;
        most_read_ += fate.documents;
        for (int position = 0; there && position < fate.documents; ++position) {
            look_at(fate, position);
        }
    }

    void look_at(const EntryFate& fate, int position) {
        const auto bit = std::uint64_t{1} << static_cast<unsigned>(position);
        const auto id = id_of(fate.stream.data(), fate.time, position);
        const bool waits = pending_.contains(id);
        if (!waits && (fate.asked & bit) == 0 && !witness_.lossy) {
            note(Finding::lost, id + " was not delivered, and does not wait");
        }
        // Recovered without its mark of delivery, it is delivered once more, and counted so.
        most_read_ += (fate.may_wait & fate.asked & bit) != 0 ? 1 : 0;
        if (waits && (fate.must_be_settled(ending_) & bit) != 0 && (fate.may_wait & bit) == 0 &&
            !witness_.lossy) {
            note(Finding::twice, id + " was delivered, and waits again");
        }
    }

    void check_books() {
        const auto info = spool_.info();
        const auto sum =
            info.stored + info.duplicates + info.rejected + info.pending_documents + info.dropped;
        if (info.read != sum) {
            note(Finding::books, fmt::format("read {}, but {} add up", info.read, sum));
        }
        const auto waiting = static_cast<std::int64_t>(pending_.size());
        if (info.pending_documents - info.unwritten_documents != waiting) {
            note(Finding::books,
                 fmt::format("pending {}, but {} wait", info.pending_documents, waiting));
        }
        if (info.read < least_read_) {
            note(Finding::untold, fmt::format("read {} of at least {}", info.read, least_read_));
        }
        if (info.read > most_read_) {
            note(Finding::books, fmt::format("read {} of at most {}", info.read, most_read_));
        }
        if (info.dropped < lost_) {
            note(Finding::untold,
                 fmt::format("{} documents lost, {} dropped", lost_, info.dropped));
        }
        if (info.dropped > lost_ + unsure_ && !witness_.lossy) {
            note(Finding::lost,
                 fmt::format("{} documents dropped, {} are missing", info.dropped, lost_));
        }
    }

    /// The value that came with the newest entry that is surely there, or a newer one.
    void check_state() {
        std::int64_t newest = 0;
        for (std::size_t i = 0; i < witness_.size; ++i) {
            const auto& fate = witness_.entries.at(i);
            newest =
                fate.must_be_there(ending_) && !fate.damaged ? std::max(newest, fate.time) : newest;
        }
        const auto value = spool_.state("newest");
        if (std::atoll(value.value_or("0").c_str()) < newest && !witness_.lossy) {
            note(Finding::lost, "remembers " + value.value_or("nothing") + " instead of " +
                                    std::to_string(newest));
        }
    }

    Spool& spool_;
    Witness& witness_;
    Ending ending_;
    std::string where_;
    std::map<Key, std::size_t> there_;
    std::set<std::string> pending_;
    std::int64_t lost_ = 0;    ///< documents that were to be delivered
    std::int64_t unsure_ = 0;  ///< documents that may be missing
    std::int64_t least_read_ = 0;
    std::int64_t most_read_ = 0;
};

}  // namespace

void compare(Spool& spool, Witness& witness, Ending ending, const std::string& where) {
    Comparison(spool, witness, ending, where).run();
}

}  // namespace pwlog::test
