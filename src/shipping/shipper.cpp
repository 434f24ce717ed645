// SPDX-License-Identifier: MIT
#include "shipping/shipper.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "elastic/json.h"
#include "spool/waiting_entries.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// How often drain() meets a server in trouble before it gives up: `once` will be called again
/// anyway.
constexpr int most_tries = 3;

/// In the spool: the cluster_uuid of what was shipped to, so that another one is told.
constexpr const char* cluster_key = "shipping/cluster";

}  // namespace

Shipper::Shipper(Spool& spool, BulkSender sender, BatchLimits limits, const Clock& clock,
                 ShipperTimes times)
    : spool_(spool),
      sender_(std::move(sender)),
      limits_(limits),
      clock_(clock),
      times_(times),
      backoff_(times.backoff),
      journal_(clock),
      first_attempts_(to_timestamp(clock.wall_now()), spool.info().last_time, times.losable),
      cluster_(spool.state(cluster_key).value_or("")) {
    sender_.expect_cluster(cluster_);
}

Shipper::~Shipper() { stop(milliseconds(0)); }

Result<void> Shipper::start() {
    auto thread = start_thread("shipper", [this](const std::stop_token& stop) { run(stop); });
    if (!thread) {
        return pass_on(thread);
    }
    thread_ = std::move(*thread);
    return {};
}

void Shipper::wake() {
    const std::lock_guard lock(mutex_);
    has_news_ = true;
    news_.notify_all();
}

void Shipper::nudge() {
    const std::lock_guard lock(mutex_);
    news_.notify_all();
}

void Shipper::look_again() {
    {
        const std::lock_guard lock(mutex_);
        look_again_ = true;
    }
    wake();
}

void Shipper::stop(milliseconds patience) {
    if (!thread_.joinable()) {
        return;
    }
    thread_.request_stop();
    {
        std::unique_lock lock(mutex_);
        news_.wait_for(lock, patience, [this] { return ended_; });
    }
    abort_.request_stop();
    thread_.join();
}

void Shipper::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        take_orders();
        bool more = false;
        probe_holds(abort_.get_token());
        const auto report = ship_batch(more, abort_.get_token(), std::nullopt);
        if (report.next != NextStep::go_on) {
            sleep(wait_after(report), false, stop);
        } else if (!more) {
            if (WaitingEntries::is_ours(passed_.front())) {
                passed_.forget();  // what waits in memory gets another place once it is written
            }
            sleep(idle_time(), true, stop);
            gather(stop);
        }
    }
    ship_the_last();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    news_.notify_all();
}

void Shipper::replace_sender(BulkSender sender, BatchLimits limits) {
    {
        const std::lock_guard lock(mutex_);
        next_sender_.emplace(std::move(sender), limits);
    }
    look_again();
}

void Shipper::take_orders() {
    bool again = false;
    std::optional<std::pair<BulkSender, BatchLimits>> next;
    {
        const std::lock_guard lock(mutex_);
        has_news_ = false;
        again = std::exchange(look_again_, false);
        next.swap(next_sender_);
    }
    if (next) {
        next->first.expect_cluster(cluster_);
        sender_ = std::move(next->first);
        limits_ = next->second;
    }
    if (again) {
        sender_.hurry();
    }
    if (again || sender_.holds().empty()) {
        passed_.forget();
    }
}

/// What was committed just before the stop.
void Shipper::ship_the_last() {
    bool more = sender_.known_good();
    while (more && ship_batch(more, abort_.get_token(), std::nullopt).next == NextStep::go_on) {
    }
}

DrainResult Shipper::drain(SteadyTime deadline, const std::stop_token& stop) {
    DrainResult result;
    bool more = true;
    for (int tries = 1; more; ++tries) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.steady_now());
        if (left.count() <= 0) {
            result.last = NextStep::retry;
            result.problem = "there was no time to ship all that is pending";
            return result;
        }
        const auto report = ship_batch(more, stop, left);
        result.last = report.next;
        result.problem = report.problem.empty() && result.held ? result.problem : report.problem;
        result.templates_missing = report.templates_missing;
        result.rejected += report.refusals.size();
        result.held = !sender_.holds().empty();
        if (report.next == NextStep::go_on) {
            tries = 0;
            continue;
        }
        const auto again = clock_.steady_now() + wait_after(report);
        if (report.next != NextStep::retry || tries == most_tries || again >= deadline) {
            return result;
        }
        if (!clock_.wait_until(again, stop)) {
            result.last = NextStep::stopped;
            return result;
        }
        more = true;
    }
    return result;
}

SendReport Shipper::ship_batch(bool& more, const std::stop_token& stop,
                               std::optional<milliseconds> timeout) {
    const auto began = clock_.steady_now();
    SendReport report;
    auto batch = spool_.next_batch(limits_, passed_.front());
    if (!batch) {
        report.next = NextStep::retry;
        report.problem = batch.error().message;
        note(report, began);
        return report;
    }
    more = batch->more;
    bool released = false;
    if (!batch->documents.empty()) {
        report = send(*batch, released, stop, timeout);
    }
    if (released) {
        more = true;  // what was held may go: from the oldest on
    } else if (report.next == NextStep::go_on) {
        passed_.advance(*batch, report, sender_.holds());
    }
    note(report, began);
    return report;
}

SendReport Shipper::send(const Batch& batch, bool& released, const std::stop_token& stop,
                         std::optional<milliseconds> timeout) {
    std::vector<BulkDocument> documents;
    documents.reserve(batch.documents.size());
    for (const auto& document : batch.documents) {
        documents.push_back({document.target, document.id, document.json});
    }
    const auto held_before = sender_.holds().all();
    auto report = sender_.send(documents, stop, timeout);
    put_aside_conflicts(batch, report);
    settle(batch, report);
    released = std::any_of(held_before.begin(), held_before.end(), [this](const auto& hold) {
        return !sender_.holds().all().contains(hold.first);
    });
    if (released) {
        passed_.forget();
    }
    return report;
}

void Shipper::probe_holds(const std::stop_token& stop) {
    std::vector<std::string> due;
    for (const auto& [key, hold] : sender_.holds().all()) {
        if (hold.next_try <= clock_.steady_now()) {
            due.push_back(key);
        }
    }
    for (const auto& key : due) {
        const auto ref = passed_.probe(key);
        if (!ref) {
            continue;  // in front of us: a batch will bring it
        }
        const auto began = clock_.steady_now();
        auto batch = spool_.next_batch({.documents = 1}, {ref->seq, ref->position - 1});
        if (!batch || batch->documents.empty() || batch->documents.front().ref != *ref) {
            passed_.forget();  // the spool gave it up: look anew
            continue;
        }
        bool released = false;
        note(send(*batch, released, stop, std::nullopt), began);
    }
}

/// What another had stored under the identity of a document is not that document.
void Shipper::put_aside_conflicts(const Batch& batch, SendReport& report) {
    const auto now = to_timestamp(clock_.wall_now());
    for (const auto i :
         first_attempts_.written_by_another(batch, report, spool_.exported_until(), now)) {
        const auto device = json_text(batch.documents[i].json, "/device/id");
        report.outcomes[i] = Outcome::rejected;
        report.refusals.push_back(
            {i, 409, std::string(conflict_type),
             fmt::format("another logger writes documents of device.id {}: one of this time was "
                         "there before this one was first sent",
                         device)});
        journal_.note_conflict(device, now);
    }
}

void Shipper::settle(const Batch& batch, const SendReport& report) {
    std::vector<Settlement> settlements;
    settlements.reserve(batch.documents.size());
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        const auto outcome = report.outcomes[i];
        if (outcome == Outcome::kept) {
            continue;  // it simply stays: an outage must not wear the disk with each try
        }
        settlements.push_back({.ref = batch.documents[i].ref, .outcome = outcome});
        const auto refusal =
            std::find_if(report.refusals.begin(), report.refusals.end(),
                         [i](const ItemProblem& problem) { return problem.position == i; });
        if (outcome == Outcome::rejected && refusal != report.refusals.end()) {
            settlements.back().status = static_cast<int>(refusal->status);
            settlements.back().type = refusal->type;
            settlements.back().reason = refusal->reason;
        }
    }
    if (settlements.empty()) {
        return;
    }
    backoff_.reset();  // the server does take documents
    const auto settled = spool_.settle(settlements);
    if (!settled && settled.error().kind != ErrorKind::unavailable) {
        // They stay pending and are sent again: a 409 then, which is proof too.
        spdlog::error("what was shipped could not be booked: {}", settled.error().message);
    }
}

void Shipper::note(const SendReport& report, SteadyTime began) {
    const auto took = std::chrono::duration_cast<milliseconds>(clock_.steady_now() - began);
    auto holds = sender_.holds().all();
    for (auto& [key, hold] : holds) {
        hold.waiting = passed_.count(key);
    }
    journal_.note(report, took, sender_, std::move(holds));
    keep_cluster();
}

void Shipper::keep_cluster() {
    // While the disk refuses it is tried with each batch, which costs nothing.
    if (cluster_ != sender_.cluster() && spool_.remember(cluster_key, sender_.cluster())) {
        cluster_ = sender_.cluster();
    }
}

/// Until something is to be tried again, or booked.
milliseconds Shipper::idle_time() const {
    auto time = times_.idle;
    for (const auto& [key, hold] : sender_.holds().all()) {
        if (passed_.count(key)) {  // else nothing waits for it
            const auto left = std::chrono::ceil<milliseconds>(hold.next_try - clock_.steady_now());
            time = std::clamp(left, milliseconds(1), time);
        }
    }
    return time;
}

milliseconds Shipper::wait_after(const SendReport& report) {
    const auto wait = report.next == NextStep::pause ? times_.pause : backoff_.next();
    return report.retry_after ? std::max<milliseconds>(wait, clamp_retry_after(*report.retry_after))
                              : wait;
}

/// What is read in one cycle is sent together, but no device that hangs holds up the others.
void Shipper::gather(const std::stop_token& stop) {
    sleep(times_.gathering, false, stop);
    std::unique_lock lock(mutex_);
    news_.wait_until(lock, stop, clock_.steady_now() + times_.longest_gathering,
                     [this] { return look_again_ || !more_to_come_(); });
}

void Shipper::sleep(milliseconds time, bool wake_for_news, const std::stop_token& stop) {
    const auto until = clock_.steady_now() + time;
    journal_.note_wait(until);
    std::unique_lock lock(mutex_);
    news_.wait_until(lock, stop, until,
                     [&] { return look_again_ || (wake_for_news && has_news_); });
}

}  // namespace pwlog
