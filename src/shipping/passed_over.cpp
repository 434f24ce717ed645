// SPDX-License-Identifier: MIT
#include "shipping/passed_over.h"

#include <utility>

namespace pwlog {

void PassedOver::advance(const Batch& batch, const SendReport& report, const Holds& holds) {
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        const auto& document = batch.documents[i];
        front_ = document.ref;
        if (report.outcomes[i] != Outcome::kept) {
            continue;
        }
        const auto alone = Holds::key(document.index, document.id);
        Waiting& waiting = waiting_[holds.all().contains(alone) ? alone : document.index];
        waiting.oldest = waiting.count == 0 ? document.ref : waiting.oldest;
        waiting.newest = document.ref;
        ++waiting.count;
    }
}

void PassedOver::forget() {
    front_ = {};
    waiting_.clear();
}

std::optional<DocumentRef> PassedOver::probe(const std::string& hold) {
    const auto found = waiting_.find(hold);
    if (found == waiting_.end()) {
        return std::nullopt;
    }
    Waiting& waiting = found->second;
    const bool newest = std::exchange(waiting.newest_next, !waiting.newest_next);
    return newest ? waiting.newest : waiting.oldest;
}

std::optional<std::size_t> PassedOver::count(const std::string& hold) const {
    const auto found = waiting_.find(hold);
    return found == waiting_.end() ? std::nullopt : std::optional(found->second.count);
}

}  // namespace pwlog
