// SPDX-License-Identifier: MIT
#include "shipping/shipper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/thread.h"
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
    return start_thread(thread_, "shipper", [this](const std::stop_token& stop) { run(stop); });
}

void Shipper::wake() {
    bell_.ring([](ShipperBell::Orders& orders) { orders.news = true; });
}

void Shipper::nudge() {
    bell_.ring([](ShipperBell::Orders&) {});
}

void Shipper::look_again() {
    bell_.ring([](ShipperBell::Orders& orders) { orders.look_again = true; });
}

void Shipper::replace_sender(BulkSender sender, BatchLimits limits) {
    bell_.ring([&](ShipperBell::Orders& orders) {
        orders.look_again = true;
        orders.sender.emplace(std::move(sender), limits);
    });
}

void Shipper::stop(milliseconds patience) {
    if (!thread_.joinable()) {
        return;
    }
    thread_.request_stop();
    bell_.wait_for_end(patience);
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
    bell_.note_end();
}

void Shipper::take_orders() {
    auto orders = bell_.take();
    if (orders.sender) {
        orders.sender->first.expect_cluster(cluster_);
        std::tie(sender_, limits_) = std::move(*orders.sender);
    }
    if (orders.look_again) {
        sender_.hurry();
    }
    if (orders.look_again || sender_.holds().empty()) {
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
    std::vector<DocumentView> documents;
    documents.reserve(batch.documents.size());
    for (const auto& document : batch.documents) {
        documents.push_back(DocumentView::of(document));
    }
    const auto held_before = sender_.holds().all();
    auto report = sender_.send(documents, stop, timeout);
    const auto now = to_timestamp(clock_.wall_now());
    for (const auto& device :
         first_attempts_.put_aside_conflicts(batch, report, spool_.exported_until(), now)) {
        journal_.note_conflict(device, now);
    }
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

void Shipper::settle(const Batch& batch, const SendReport& report) {
    std::vector<Settlement> settlements;
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        settlements.push_back({.ref = batch.documents[i].ref, .outcome = report.outcomes[i]});
    }
    for (const auto& refusal : report.refusals) {
        auto& settlement = settlements[refusal.position];
        settlement.status = static_cast<int>(refusal.status);
        settlement.type = refusal.type;
        settlement.reason = refusal.reason;
    }
    if (std::any_of(settlements.begin(), settlements.end(),
                    [](const auto& one) { return one.outcome != Outcome::kept; })) {
        backoff_.reset();  // the server does take documents
    }
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
    return report.next == NextStep::pause ? times_.pause : backoff_.after(report.retry_after);
}

/// What is read in one cycle is sent together, but no device that hangs holds up the others.
void Shipper::gather(const std::stop_token& stop) {
    sleep(times_.gathering, false, stop);
    bell_.sleep(clock_.steady_now() + times_.longest_gathering, stop,
                [this](const auto&) { return !more_to_come_(); });
}

void Shipper::sleep(milliseconds time, bool wake_for_news, const std::stop_token& stop) {
    const auto until = clock_.steady_now() + time;
    journal_.note_wait(until);
    bell_.sleep(until, stop, [&](const auto& orders) { return wake_for_news && orders.news; });
}

}  // namespace pwlog
