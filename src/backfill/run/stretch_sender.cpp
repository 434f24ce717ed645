// SPDX-License-Identifier: MIT
#include "backfill/run/stretch_sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/printable.h"

namespace pwlog {

Result<StretchSender> StretchSender::open(const SendOptions& options, const Clock& clock,
                                          std::function<void(const std::string&)> trouble) {
    // In a history a whole stretch can be bad; when to give up is for the run as a whole to say.
    SenderOptions sender_options = options.sender;
    sender_options.refusals_in_a_row = std::numeric_limits<std::size_t>::max();
    auto sender = BulkSender::open(sender_options, clock);
    if (!sender) {
        return pass_on(sender);
    }
    return StretchSender(options, clock, std::move(*sender), std::move(trouble));
}

StretchSender::StretchSender(const SendOptions& options, const Clock& clock, BulkSender sender,
                             std::function<void(const std::string&)> trouble)
    : options_(options),
      clock_(clock),
      sender_(std::move(sender)),
      backoff_(options.backoff),
      trouble_(std::move(trouble)),
      last_progress_(clock.steady_now()) {}

Result<void> StretchSender::send(Stretch& stretch, const std::stop_token& stop) {
    positions_.clear();
    documents_.clear();
    for (const auto& item : stretch.items()) {
        positions_.push_back(positions_.size());
        documents_.push_back(stretch.document(item));
    }
    last_progress_ = clock_.steady_now();
    while (!positions_.empty()) {
        const auto report = sender_.send(documents_, stop);
        book(report, stretch);
        if (positions_.empty()) {
            return {};
        }
        if (report.next == NextStep::stopped) {
            return fail(ErrorKind::stopped, report.problem);
        }
        // Before anything worked it is the set-up, and waiting will not mend it. What is left after
        // a whole batch is held: its index takes nothing.
        const bool for_a_person = report.next == NextStep::pause || report.next == NextStep::go_on;
        if (for_a_person && !ever_succeeded_) {
            return fail(ErrorKind::refused, report.problem);
        }
        if (auto waited = wait(report, stop); !waited) {
            return waited;
        }
    }
    return {};
}

// Counts what found its end; the rest stays in positions_ and documents_.
void StretchSender::book(const SendReport& report, Stretch& stretch) {
    for (const auto& refusal : report.refusals) {
        const auto& item = stretch.items()[positions_[refusal.position]];
        stretch.rejects.push_back(
            {item.line,
             fmt::format("Elasticsearch refused it: {} {}: {}", refusal.status, refusal.type,
                         printable(refusal.reason, 1000)),
             std::string(documents_[refusal.position].json), item.source});
    }
    stretch.tally.replaced += report.replaced;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        switch (report.outcomes[i]) {
            case Outcome::kept:
                positions_[kept] = positions_[i];
                documents_[kept] = documents_[i];
                ++kept;
                break;
            case Outcome::stored:
                stretch.tally.stored += 1;
                break;
            case Outcome::duplicate:
                stretch.tally.duplicate += 1;
                if (options_.content_check != nullptr) {
                    options_.content_check->note(documents_[i].index, documents_[i].json);
                }
                break;
            case Outcome::rejected:
                stretch.tally.rejected += 1;
                break;
        }
    }
    if (kept < positions_.size()) {
        last_progress_ = clock_.steady_now();
        ever_succeeded_ = true;
        backoff_.reset();
    }
    positions_.resize(kept);
    documents_.resize(kept);
    if (report.in_failure_store > 0) {
        trouble_(fmt::format("{} documents were taken into the failure store, not the index",
                             report.in_failure_store));
    }
}

Result<void> StretchSender::wait(const SendReport& report, const std::stop_token& stop) {
    const auto now = clock_.steady_now();
    if (now - last_progress_ > options_.give_up_after) {
        return fail(ErrorKind::unavailable, report.problem);
    }
    trouble_(report.problem);
    auto pause = backoff_.after(report.retry_after);
    if (const auto probe = sender_.holds().next_try(); probe && report.next == NextStep::go_on) {
        pause = std::max(pause, std::chrono::ceil<std::chrono::milliseconds>(*probe - now));
    }
    if (!clock_.wait_until(now + pause, stop)) {
        return fail(ErrorKind::stopped, "asked to stop");
    }
    return {};
}

}  // namespace pwlog
