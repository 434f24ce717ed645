// SPDX-License-Identifier: MIT
#include "backfill/run/run_ledger.h"

namespace pwlog {
namespace {

// What a kill can cost is sent again, as duplicates; a flush of a memory card is dear.
constexpr auto save_every = std::chrono::milliseconds(500);

}  // namespace

RunLedger::RunLedger(ResumeState start, std::optional<ResumeFile> file,
                     std::span<RejectsFile> rejects, const Clock& clock)
    : state_(std::move(start)),
      file_(std::move(file)),
      rejects_(rejects),
      clock_(clock),
      tally_(state_.tally),
      saved_at_(clock.steady_now()) {}

Result<void> RunLedger::book(Stretch& stretch) {
    const std::lock_guard lock(mutex_);
    tally_ += stretch.tally;
    early_.emplace(stretch.number, Booked{stretch.tally, stretch.end, std::move(stretch.rejects)});
    stretch.clear();
    while (!early_.empty() && early_.begin()->first == next_) {
        auto node = early_.extract(early_.begin());
        if (auto advanced = advance(std::move(node.mapped())); !advanced) {
            return advanced;
        }
    }
    return clock_.steady_now() - saved_at_ >= save_every ? save_locked() : Result<void>{};
}

Result<void> RunLedger::advance(Booked booked) {
    ++next_;
    state_.tally += booked.tally;
    state_.position = std::move(booked.end);
    for (const auto& reject : booked.rejects) {
        if (rejects_.empty()) {
            break;
        }
        auto& file = rejects_.size() == 1 ? rejects_.front() : rejects_[reject.source];
        if (auto added = file.add(reject); !added) {
            return added;
        }
    }
    return {};
}

Result<void> RunLedger::save() {
    const std::lock_guard lock(mutex_);
    return save_locked();
}

Result<void> RunLedger::sync_rejects() {
    for (auto& rejects : rejects_) {
        if (auto synced = rejects.sync(); !synced) {
            return synced;
        }
    }
    return {};
}

Result<void> RunLedger::save_locked() {
    saved_at_ = clock_.steady_now();
    if (auto synced = sync_rejects(); !synced) {
        return synced;
    }
    state_.rejects.clear();
    for (const auto& rejects : rejects_) {
        state_.rejects.push_back(rejects.mark());
    }
    return file_ ? file_->save(state_) : Result<void>{};
}

Result<void> RunLedger::forget() {
    const std::lock_guard lock(mutex_);
    if (auto synced = sync_rejects(); !synced) {
        return synced;
    }
    return file_ ? file_->remove() : Result<void>{};
}

Tally RunLedger::tally() const {
    const std::lock_guard lock(mutex_);
    return tally_;
}

}  // namespace pwlog
