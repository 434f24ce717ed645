// SPDX-License-Identifier: MIT
#include "shipping/shipping_journal.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text_values.h"

namespace pwlog {
namespace {

using State = ShipperStatus::State;
using std::chrono::milliseconds;

/// Servers put changing numbers into their reasons: what is remembered, and said, must have an end.
constexpr std::size_t most_told = 5;
/// So many interruptions are told line by line within this time; the rest as a count.
constexpr std::size_t most_flaps = 3;
constexpr auto flap_window = std::chrono::minutes(10);

std::uint64_t count_of(const SendReport& report, Outcome outcome) {
    return static_cast<std::uint64_t>(
        std::count(report.outcomes.begin(), report.outcomes.end(), outcome));
}

}  // namespace

std::string_view to_text(State state) {
    switch (state) {
        case State::idle:
            return "idle";
        case State::shipping:
            return "shipping";
        case State::retrying:
            return "retrying";
        case State::paused:
            break;
    }
    return "paused";
}

bool FlapLimit::admit(SteadyTime now) {
    if (told_ == 0 || now - window_ > flap_window) {
        window_ = now;
        told_ = 0;
    }
    if (told_ >= most_flaps) {
        ++untold_;
        return false;
    }
    ++told_;
    return true;
}

std::size_t FlapLimit::take_untold(SteadyTime now) {
    return now - window_ > flap_window ? std::exchange(untold_, 0) : 0;
}

void ShippingJournal::note(const SendReport& report, milliseconds took, const BulkSender& sender,
                           std::map<std::string, Hold, std::less<>> holds) {
    const std::lock_guard lock(mutex_);
    status_.host = sender.host();
    status_.server = sender.server_name();
    status_.cluster = sender.cluster();
    count(report);
    for (const auto& notice : {sender.cluster_notice(), sender.age_notice()}) {
        if (!notice.empty() && told_servers_.size() < most_told &&
            told_servers_.insert(notice).second) {
            spdlog::warn("{}", notice);
        }
    }
    if (const auto untold = flaps_.take_untold(clock_.steady_now()); untold > 0) {
        spdlog::warn("shipping was interrupted {} more times and went on each time; the last: {}",
                     untold, last_flap_);
    }
    note_holds(std::move(holds));
    if (count_of(report, Outcome::stored) + count_of(report, Outcome::duplicate) > 0) {
        last_taken_ = clock_.steady_now();
    }
    const bool found_ends = count_of(report, Outcome::kept) < report.outcomes.size();
    if (report.next == NextStep::retry || report.next == NextStep::pause) {
        note_trouble(report);
    } else if (report.next == NextStep::go_on && found_ends) {
        note_success(took);
    } else if (report.next == NextStep::go_on && status_.last_error.empty()) {
        status_.state = State::idle;
    }
}

void ShippingJournal::note_holds(std::map<std::string, Hold, std::less<>> holds) {
    for (const auto& [key, hold] : holds) {
        if (!status_.holds.contains(key)) {
            held_since_[key] = clock_.steady_now();
            if (flaps_.admit(clock_.steady_now())) {
                told_holds_.insert(key);
                spdlog::warn("{}; its documents are kept, everything else is shipped",
                             describe(hold));
            } else {
                last_flap_ = describe(hold);
            }
        }
    }
    for (const auto& [key, hold] : status_.holds) {
        if (!holds.contains(key)) {
            const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(
                clock_.steady_now() - held_since_[key]);
            held_since_.erase(key);
            if (told_holds_.erase(key) > 0) {
                spdlog::info("{} accepts documents again after {} s", key, lasted.count());
            }
        }
    }
    status_.holds = std::move(holds);
}

void ShippingJournal::count(const SendReport& report) {
    status_.requests += report.requests;
    status_.stored += count_of(report, Outcome::stored);
    status_.duplicates += count_of(report, Outcome::duplicate);
    status_.rejected += report.refusals.size();
    status_.in_failure_store += report.in_failure_store;
    if (report.in_failure_store > 0 && !told_failure_store_) {
        told_failure_store_ = true;
        spdlog::warn(
            "Elasticsearch put {} into its failure store; look with GET "
            "powerwalker-*::failures/_search",
            counted(report.in_failure_store, "document"));
    }
    // One line for each kind of refusal: the reject itself, with its reason, is kept in the spool.
    for (const auto& refusal : report.refusals) {
        const auto kind = fmt::format("{} {}", refusal.status, refusal.type);
        if (refusal.type != conflict_type && told_refusals_.size() < most_told &&
            told_refusals_.insert(kind).second) {
            spdlog::warn("a document was refused and put aside (see `pwlog spool rejects`): {}: {}",
                         kind, refusal.reason);
        }
    }
}

void ShippingJournal::note_trouble(const SendReport& report) {
    const bool paused = report.next == NextStep::pause;
    const State state = paused ? State::paused : State::retrying;
    const bool changed = status_.last_error.empty() || state != status_.state;
    if (status_.last_error.empty()) {
        trouble_since_ = clock_.steady_now();
    }
    // While it retries the words may change from host to host; while it is paused a new text is
    // news.
    const bool news =
        told_troubles_.size() < most_told && told_troubles_.insert(report.problem).second;
    const bool begins = status_.last_error.empty();
    if (begins) {
        trouble_told_ = flaps_.admit(clock_.steady_now());
        last_flap_ = report.problem;
    }
    if (trouble_told_ && (changed || (paused && news))) {
        spdlog::warn("{}, documents are kept: {}",
                     paused ? "shipping is paused" : "shipping must wait", report.problem);
    }
    status_.state = state;
    status_.last_error = report.problem;
}

void ShippingJournal::note_success(milliseconds took) {
    if (!status_.last_error.empty() && trouble_told_) {
        const auto lasted =
            std::chrono::duration_cast<std::chrono::seconds>(clock_.steady_now() - trouble_since_);
        spdlog::info("shipping again after {} s, to {} ({})", lasted.count(), status_.host,
                     status_.server);
    } else if (status_.last_error.empty() && told_host_ != status_.host) {
        spdlog::info("shipping to {} ({})", status_.host, status_.server);
    }
    told_host_ = status_.host;
    told_troubles_.clear();
    status_.last_error.clear();
    status_.last_success = to_timestamp(clock_.wall_now());
    status_.latency = took;
    status_.next_try.reset();
    status_.state = State::shipping;
}

void ShippingJournal::note_conflict(const std::string& device, Timestamp now) {
    const std::lock_guard lock(mutex_);
    auto& conflicts = status_.conflicts[device];
    conflicts.last = now;
    if (++conflicts.documents == 1) {
        spdlog::warn(
            "another logger writes documents of device.id {}, from a copied card or configuration: "
            "give one of the two another id; what it had stored first is put aside here (see "
            "`pwlog spool rejects`)",
            device);
    }
}

void ShippingJournal::note_wait(SteadyTime until) {
    const std::lock_guard lock(mutex_);
    if (!status_.last_error.empty()) {
        status_.next_try = until;
    } else {
        status_.state = State::idle;
    }
}

ShipperStatus ShippingJournal::status() const {
    const std::lock_guard lock(mutex_);
    auto status = status_;
    for (const auto& [key, hold] : status.holds) {
        const auto since = held_since_.find(key);
        const bool nothing_since =
            since != held_since_.end() && (!last_taken_ || *last_taken_ < since->second);
        // All that there is to ship is held: a person has to act.
        if (nothing_since && status.state != State::retrying && status.last_error.empty()) {
            status.state = State::paused;
            status.last_error = describe(hold);
            status.next_try = hold.next_try;
        }
    }
    return status;
}

}  // namespace pwlog
