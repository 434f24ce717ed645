// SPDX-License-Identifier: MIT
#include "spool/waiting_entries.h"

#include <algorithm>
#include <bit>
#include <ranges>

#include "base/printable.h"
#include "spool/delivery.h"
#include "spool/record_format.h"

namespace pwlog {

namespace {

/// Above the numbers of all entries in a file, so that what waits here comes after them.
constexpr std::int64_t first_number = std::int64_t{1} << 60U;
/// Of written entries, whose fates may still come: more than a batch.
constexpr std::size_t numbers_kept = 2000;
/// Of documents in the file, in one transaction.
constexpr std::size_t fates_per_write = 2000;

std::uint64_t all_of(const PreparedEntry& entry) {
    return static_cast<std::uint64_t>(mask_of(entry.documents));
}

void count(const Fates& fates, Ledger& books) {
    books.stored += std::popcount(fates.stored);
    books.duplicates += std::popcount(fates.duplicate);
    books.rejected += static_cast<std::int64_t>(fates.rejected.size());
}

/// The entry's books and those before it, without what waits.
void count(const WaitingEntry& waiting, Ledger& books) {
    books.read += waiting.lost_before.read + waiting.entry->documents;
    books.take_outcomes(waiting.lost_before);
    count(waiting.fates, books);
}

}  // namespace

bool WaitingEntries::Item::settled() const {
    return (all_of(*waiting.entry) & ~waiting.fates.done()) == 0;
}

Result<std::uint64_t> WaitingEntries::push(PreparedEntry entry) {
    const std::lock_guard lock(mutex_);
    if (has(entry.stream, entry.time)) {
        return fail(ErrorKind::invalid, "stream " + printable(entry.stream) +
                                            " has an entry of this millisecond already");
    }
    const bool is_full = items_.size() >= most_ && items_.size() > borrowed_;
    const Ledger lost_before = is_full ? give_one_up() : Ledger{};
    auto [newest, made] = newest_.emplace(entry.stream, entry.time);
    newest->second = std::max(newest->second, entry.time);
    items_.push_back({++last_ticket_,
                      {std::make_shared<const PreparedEntry>(std::move(entry)), {}, lost_before}});
    return last_ticket_;
}

/// The books of what is gone by it: of nothing, where all that may go is in flight.
Ledger WaitingEntries::give_one_up() {
    const auto first = items_.begin() + static_cast<std::ptrdiff_t>(borrowed_);
    auto victim =
        std::find_if(first, items_.end(), [](const Item& item) { return item.settled(); });
    if (victim == items_.end()) {
        victim = std::find_if(first, items_.end(),
                              [](const Item& item) { return item.waiting.in_flight == 0; });
    }
    Ledger gone;
    if (victim == items_.end()) {
        return gone;
    }
    count(victim->waiting, gone);
    gone.dropped += std::popcount(all_of(*victim->waiting.entry) & ~victim->waiting.fates.done());
    items_.erase(victim);
    return gone;
}

std::vector<WaitingEntry> WaitingEntries::borrow(std::size_t most) {
    const std::lock_guard lock(mutex_);
    borrowed_ = std::min(most, items_.size());
    std::vector<WaitingEntry> entries;
    for (std::size_t i = 0; i < borrowed_; ++i) {
        entries.push_back(items_[i].waiting);
    }
    return entries;
}

void WaitingEntries::pop(const std::vector<std::int64_t>& numbers) {
    const std::lock_guard lock(mutex_);
    for (const auto number : numbers) {
        written_ = items_.front().ticket;
        if (written_ <= given_out_) {
            numbers_[written_] = number;
        }
        items_.pop_front();
    }
    while (numbers_.size() > numbers_kept) {
        numbers_.erase(numbers_.begin());
    }
    borrowed_ = 0;
}

void WaitingEntries::release() {
    const std::lock_guard lock(mutex_);
    borrowed_ = 0;
}

bool WaitingEntries::is_written(std::uint64_t ticket) const {
    const std::lock_guard lock(mutex_);
    return written_ >= ticket;
}

void WaitingEntries::add_to(Batch& batch, const BatchLimits& limits, DocumentRef after) {
    const std::lock_guard lock(mutex_);
    for (auto& item : items_) {
        const auto& prepared = *item.waiting.entry;
        const std::int64_t seq = first_number + static_cast<std::int64_t>(item.ticket);
        const auto mask = all_of(prepared) & ~item.waiting.fates.done();
        if (mask == 0 || seq < after.seq) {
            continue;
        }
        auto entry = decode_record(prepared.record.body, prepared.record.crc, prepared.record.size);
        if (!entry) {
            continue;  // what was encoded a moment ago
        }
        given_out_ = std::max(given_out_, item.ticket);
        const auto before = batch.documents.size();
        const bool goes_on = add_documents(batch, limits, mask, after, seq, std::move(*entry));
        for (std::size_t i = before; i < batch.documents.size(); ++i) {
            item.waiting.in_flight |= bit_of(batch.documents[i].ref);
        }
        if (!goes_on) {
            return;
        }
    }
}

void WaitingEntries::land() {
    const std::lock_guard lock(mutex_);
    for (auto& item : items_) {
        item.waiting.in_flight = 0;
    }
}

bool WaitingEntries::is_ours(DocumentRef ref) { return ref.seq >= first_number; }

std::vector<Settlement> WaitingEntries::note(std::span<const Settlement> settlements) {
    const std::lock_guard lock(mutex_);
    std::vector<Settlement> in_file;
    for (const auto& settlement : settlements) {
        if (!is_ours(settlement.ref)) {
            in_file.push_back(settlement);
            continue;
        }
        const auto ticket = static_cast<std::uint64_t>(settlement.ref.seq - first_number);
        const auto item = std::find_if(items_.begin(), items_.end(),
                                       [&](const Item& there) { return there.ticket == ticket; });
        if (item != items_.end()) {
            item->waiting.fates.note(settlement);
        } else if (const auto number = numbers_.find(ticket); number != numbers_.end()) {
            in_file.push_back(settlement);
            in_file.back().ref.seq = number->second;
        }  // else given up meanwhile, and counted
    }
    return in_file;
}

void WaitingEntries::note_in_file(std::span<const Settlement> settlements) {
    const std::lock_guard lock(mutex_);
    for (const auto& settlement : settlements) {
        if (settlement.outcome != Outcome::kept) {
            fates_in_file_[settlement.ref.seq].note(settlement);
        }
    }
}

std::uint64_t WaitingEntries::done_in_file(std::int64_t seq) const {
    const std::lock_guard lock(mutex_);
    const auto fates = fates_in_file_.find(seq);
    return fates == fates_in_file_.end() ? 0 : fates->second.done();
}

std::vector<Settlement> WaitingEntries::fates_in_file() const {
    const std::lock_guard lock(mutex_);
    std::vector<Settlement> all;
    for (const auto& [seq, fates] : fates_in_file_) {
        if (all.size() >= fates_per_write) {
            break;
        }
        auto of_entry = fates.settlements(seq);
        std::move(of_entry.begin(), of_entry.end(), std::back_inserter(all));
    }
    return all;
}

void WaitingEntries::forget_fates(const std::vector<Settlement>& written) {
    const std::lock_guard lock(mutex_);
    for (const auto& settlement : written) {
        fates_in_file_.erase(settlement.ref.seq);
    }
}

bool WaitingEntries::knows_newest() const {
    const std::lock_guard lock(mutex_);
    return knows_newest_;
}

bool WaitingEntries::contains(const std::string& stream, Timestamp time) const {
    const std::lock_guard lock(mutex_);
    return has(stream, time);
}

bool WaitingEntries::has(const std::string& stream, Timestamp time) const {
    return std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
        return item.waiting.entry->time == time && item.waiting.entry->stream == stream;
    });
}

std::optional<Timestamp> WaitingEntries::newest(const std::string& stream) const {
    const std::lock_guard lock(mutex_);
    const auto found = newest_.find(stream);
    return found == newest_.end() ? std::nullopt : std::optional(found->second);
}

void WaitingEntries::note_newest(const std::map<std::string, Timestamp>& newest) {
    const std::lock_guard lock(mutex_);
    knows_newest_ = true;
    for (const auto& [stream, time] : newest) {
        auto [known, made] = newest_.emplace(stream, time);
        known->second = std::max(known->second, time);
    }
}

std::optional<std::string> WaitingEntries::state(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    for (const auto& item : std::views::reverse(items_)) {
        for (const auto& [known, value] : item.waiting.entry->state) {
            if (known == name) {
                return value;
            }
        }
    }
    return std::nullopt;
}

WaitingEntries::Amount WaitingEntries::amount() const {
    const std::lock_guard lock(mutex_);
    Amount amount{items_.size(), 0, {}, {}};
    for (const auto& [seq, fates] : fates_in_file_) {
        count(fates, amount.fates);
    }
    for (const auto& item : items_) {
        count(item.waiting, amount.books);
        amount.documents += std::popcount(all_of(*item.waiting.entry) & ~item.waiting.fates.done());
    }
    return amount;
}

bool WaitingEntries::is_full() const {
    const std::lock_guard lock(mutex_);
    return items_.size() >= most_;
}

}  // namespace pwlog
