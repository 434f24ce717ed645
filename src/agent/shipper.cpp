#include "agent/shipper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "base/thread.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// How often drain() meets a server in trouble before it gives up: `once` will be called again
/// anyway.
constexpr int most_tries = 3;

std::function<double()> random_source() {
    return [engine = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
    };
}

/// What the spool is told of one document; nothing of a kept one, which simply stays: an outage
/// must not wear the disk with each try.
std::optional<Outcome> outcome_of(Fate fate) {
    switch (fate) {
        case Fate::stored:
            return Outcome::stored;
        case Fate::duplicate:
            return Outcome::duplicate;
        case Fate::rejected:
            return Outcome::rejected;
        case Fate::kept:
            break;
    }
    return std::nullopt;
}

}  // namespace

Shipper::Shipper(Spool& spool, BulkSender sender, BatchLimits limits, const Clock& clock,
                 ShipperTimes times)
    : spool_(spool),
      sender_(std::move(sender)),
      limits_(limits),
      clock_(clock),
      times_(times),
      backoff_(times.backoff, random_source()),
      journal_(clock) {}

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
    DocumentRef after;
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            has_news_ = false;
        }
        bool more = false;
        const auto report = ship_batch(after, more, abort_.get_token(), std::nullopt);
        if (report.next != NextStep::go_on) {
            after = {};
            sleep(wait_after(report), false, stop);
        } else if (!more) {
            after = {};
            sleep(times_.idle, true, stop);
            sleep(times_.gathering, false, stop);
        }
    }
    ship_the_last();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    news_.notify_all();
}

/// What was committed just before the stop.
void Shipper::ship_the_last() {
    DocumentRef after;
    bool more = sender_.known_good();
    while (more &&
           ship_batch(after, more, abort_.get_token(), std::nullopt).next == NextStep::go_on) {
    }
}

DrainResult Shipper::drain(SteadyTime deadline, const std::stop_token& stop) {
    DrainResult result;
    DocumentRef after;
    bool more = true;
    for (int tries = 1; more; ++tries) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.steady_now());
        if (left.count() <= 0) {
            result.last = NextStep::retry;
            result.problem = "there was no time to ship all that is pending";
            return result;
        }
        const auto report = ship_batch(after, more, stop, left);
        result.last = report.next;
        result.problem = report.problem;
        result.templates_missing = report.templates_missing;
        result.rejected += report.refusals.size();
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
        after = {};
        more = true;
    }
    return result;
}

SendReport Shipper::ship_batch(DocumentRef& after, bool& more, const std::stop_token& stop,
                               std::optional<milliseconds> timeout) {
    SendReport report;
    auto batch = spool_.next_batch(limits_, after);
    if (!batch) {
        report.next = NextStep::retry;
        report.problem = batch.error().message;
        journal_.note(report, milliseconds(0), sender_);
        return report;
    }
    more = batch->more;
    std::vector<BulkDocument> documents;
    documents.reserve(batch->documents.size());
    for (const auto& document : batch->documents) {
        documents.push_back({document.target, document.id, document.json});
    }
    const auto began = clock_.steady_now();
    if (!documents.empty()) {
        report = sender_.send(documents, stop, timeout);
        settle(*batch, report);
        after = batch->documents.back().ref;
    }
    const auto took = std::chrono::duration_cast<milliseconds>(clock_.steady_now() - began);
    journal_.note(report, took, sender_);
    return report;
}

void Shipper::settle(const Batch& batch, const SendReport& report) {
    std::vector<Settlement> settlements;
    settlements.reserve(batch.documents.size());
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        const auto outcome = outcome_of(report.fates[i]);
        if (!outcome) {
            continue;
        }
        settlements.push_back({.ref = batch.documents[i].ref, .outcome = *outcome});
        const auto refusal =
            std::find_if(report.refusals.begin(), report.refusals.end(),
                         [i](const ItemProblem& problem) { return problem.position == i; });
        if (*outcome == Outcome::rejected && refusal != report.refusals.end()) {
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

milliseconds Shipper::wait_after(const SendReport& report) {
    const auto wait = report.next == NextStep::pause ? times_.pause : backoff_.next();
    return report.retry_after ? std::max<milliseconds>(wait, clamp_retry_after(*report.retry_after))
                              : wait;
}

void Shipper::sleep(milliseconds time, bool wake_for_news, const std::stop_token& stop) {
    const auto until = clock_.steady_now() + time;
    journal_.note_wait(until);
    std::unique_lock lock(mutex_);
    news_.wait_until(lock, stop, until, [&] { return wake_for_news && has_news_; });
}

}  // namespace pwlog
