#include "spool/waiting_entries.h"

#include <algorithm>
#include <ranges>

#include "base/printable.h"

namespace pwlog {

Result<std::uint64_t> WaitingEntries::push(PreparedEntry entry) {
    const std::lock_guard lock(mutex_);
    if (has(entry.stream, entry.time)) {
        return fail(ErrorKind::invalid, "stream " + printable(entry.stream) +
                                            " has an entry of this millisecond already");
    }
    if (entries_.size() >= most_ && entries_.size() > borrowed_) {
        const auto oldest = static_cast<std::ptrdiff_t>(borrowed_);
        dropped_ += entries_[borrowed_]->documents;
        entries_.erase(entries_.begin() + oldest);
        tickets_.erase(tickets_.begin() + oldest);
    }
    auto [newest, made] = newest_.emplace(entry.stream, entry.time);
    newest->second = std::max(newest->second, entry.time);
    entries_.push_back(std::make_shared<const PreparedEntry>(std::move(entry)));
    tickets_.push_back(++last_ticket_);
    return last_ticket_;
}

std::vector<std::shared_ptr<const PreparedEntry>> WaitingEntries::borrow(std::size_t most) {
    const std::lock_guard lock(mutex_);
    borrowed_ = std::min(most, entries_.size());
    return {entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(borrowed_)};
}

void WaitingEntries::pop(std::size_t count) {
    const std::lock_guard lock(mutex_);
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(count));
    written_ = tickets_[count - 1];
    tickets_.erase(tickets_.begin(), tickets_.begin() + static_cast<std::ptrdiff_t>(count));
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

bool WaitingEntries::contains(const std::string& stream, Timestamp time) const {
    const std::lock_guard lock(mutex_);
    return has(stream, time);
}

bool WaitingEntries::has(const std::string& stream, Timestamp time) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const auto& entry) {
        return entry->time == time && entry->stream == stream;
    });
}

std::optional<Timestamp> WaitingEntries::newest(const std::string& stream) const {
    const std::lock_guard lock(mutex_);
    const auto found = newest_.find(stream);
    return found == newest_.end() ? std::nullopt : std::optional(found->second);
}

void WaitingEntries::note_newest(const std::map<std::string, Timestamp>& newest) {
    const std::lock_guard lock(mutex_);
    for (const auto& [stream, time] : newest) {
        auto [known, made] = newest_.emplace(stream, time);
        known->second = std::max(known->second, time);
    }
}

std::optional<std::string> WaitingEntries::state(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : std::views::reverse(entries_)) {
        for (const auto& [known, value] : entry->state) {
            if (known == name) {
                return value;
            }
        }
    }
    return std::nullopt;
}

WaitingEntries::Amount WaitingEntries::amount() const {
    const std::lock_guard lock(mutex_);
    Amount amount{entries_.size(), 0, dropped_};
    for (const auto& entry : entries_) {
        amount.documents += entry->documents;
    }
    return amount;
}

bool WaitingEntries::is_full() const {
    const std::lock_guard lock(mutex_);
    return entries_.size() >= most_;
}

void WaitingEntries::forget_dropped(std::int64_t documents) {
    const std::lock_guard lock(mutex_);
    dropped_ -= documents;
}

}  // namespace pwlog
