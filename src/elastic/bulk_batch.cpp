// SPDX-License-Identifier: MIT
#include "elastic/bulk_batch.h"

#include <fmt/format.h>

#include <utility>

namespace pwlog {
namespace {

/// So many documents of one index refused for a reason that nobody knows, and none taken: the rest
/// need not be tried. Where some are taken, up to `most_odd` are held one by one.
constexpr std::size_t enough_odd = 3;
constexpr std::size_t most_odd = 100;

}  // namespace

std::string describe(const ItemProblem& problem) {
    return fmt::format("{} {}: {}", problem.status, problem.type, problem.reason);
}

BulkBatch::BulkBatch(Documents documents, Holds& holds, Refusals& refused, std::size_t most_refused)
    : documents_(documents),
      holds_(holds),
      refused_in_a_row_(refused),
      most_refused_(most_refused) {
    report.outcomes.assign(documents.size(), Outcome::kept);
    for (const auto& document : documents) {
        waits_.push_back(!holds_.admit(document.index, document.id));
    }
}

bool BulkBatch::may_go(std::size_t position) const {
    const std::string_view index = documents_[position].index;
    const auto odd = odd_.find(index);
    return report.outcomes[position] == Outcome::kept && !waits_[position] &&
           !held_.contains(index) &&
           (odd == odd_.end() || odd->second.size() < enough_odd || taken_.contains(index));
}

void BulkBatch::end(NextStep next, std::string why) {
    report.next = next;
    report.problem = std::move(why);
}

void BulkBatch::take(std::size_t position, Outcome outcome) {
    const auto& document = documents_[position];
    report.outcomes[position] = outcome;
    holds_.release(document.index, document.id);
    if (last_taken_ != document.index) {
        last_taken_ = *taken_.insert(document.index).first;
    }
}

void BulkBatch::fail(ItemProblem problem, std::string said) {
    const std::string_view index = documents_[problem.position].index;
    switch (problem.concerns) {
        case Concerns::document:
            refuse(std::move(problem));
            break;
        case Concerns::index:
            hold(index, std::move(said));
            break;
        case Concerns::unknown:
            odd_[index].push_back({problem.position, std::move(said)});
            break;
        case Concerns::node:
            if (going_on()) {
                end(NextStep::retry, std::move(said));
            }
            break;
    }
}

void BulkBatch::refuse(ItemProblem problem) {
    const auto& [id, index, json] = documents_[problem.position];
    auto& in_a_row = refused_in_a_row_[std::string(index)];
    if (taken_.contains(index)) {
        in_a_row = 0;
    } else if (in_a_row >= most_refused_) {
        hold(index,
             fmt::format("{} of its documents were refused in a row and none was taken, so the "
                         "set-up is wrong and not the documents; the rest is kept. The last "
                         "refusal: {}",
                         in_a_row, describe(problem)));
        return;
    } else {
        ++in_a_row;
    }
    holds_.release(index, id);
    report.outcomes[problem.position] = Outcome::rejected;
    report.refusals.push_back(std::move(problem));
}

void BulkBatch::hold(std::string_view index, std::string reason, bool templates) {
    if (held_.insert(index).second) {
        holds_.refuse(index, {}, std::move(reason), templates);
    }
}

void BulkBatch::settle() {
    for (const auto index : taken_) {
        refused_in_a_row_.erase(std::string(index));
        if (!held_.contains(index)) {
            holds_.release(index, {});
        }
    }
    for (const auto& [index, items] : odd_) {
        const bool alone =
            taken_.contains(index) && holds_.documents_of(index) + items.size() <= most_odd;
        for (const auto& [position, reason] : items) {
            if (alone) {
                holds_.refuse(index, documents_[position].id, reason);
                waits_[position] = true;
            } else {
                hold(index, reason);
            }
        }
    }
    bool any = false;
    for (std::size_t i = 0; i < documents_.size(); ++i) {
        const bool held = waits_[i] || held_.contains(documents_[i].index);
        any = any || (held && report.outcomes[i] == Outcome::kept);
    }
    for (const auto& [key, hold] : holds_.all()) {
        if (any && report.problem.empty()) {
            report.problem = pwlog::describe(hold);
        }
        report.templates_missing = report.templates_missing || hold.templates_missing;
    }
}

}  // namespace pwlog
