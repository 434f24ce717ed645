#include "agent/shipper.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <random>

namespace pwlog {
namespace {

using std::chrono::milliseconds;

constexpr auto pause_time = std::chrono::seconds(60);
/// With nothing to ship the thread sleeps until it is woken; this only bounds a lost wake-up.
constexpr auto longest_idle = std::chrono::minutes(5);
/// Devices are read at the same moment: what they give goes into one request.
constexpr auto gathering_time = milliseconds(300);
/// A trouble that changes its words is said again only after this time.
constexpr auto quiet_time = std::chrono::minutes(1);

std::function<double()> random_source() {
    auto engine = std::make_shared<std::mt19937_64>(std::random_device{}());
    return [engine] { return std::uniform_real_distribution<double>(0.0, 1.0)(*engine); };
}

Settlement settlement_of(const BatchDocument& document, Fate fate) {
    Settlement settlement;
    settlement.ref = document.ref;
    switch (fate) {
        case Fate::stored:
            settlement.outcome = Outcome::stored;
            break;
        case Fate::duplicate:
            settlement.outcome = Outcome::duplicate;
            break;
        case Fate::rejected:
            settlement.outcome = Outcome::rejected;
            break;
        case Fate::kept:
            settlement.outcome = Outcome::deferred;
            break;
    }
    return settlement;
}

}  // namespace

std::string_view to_text(ShipperStatus::State state) {
    switch (state) {
        case ShipperStatus::State::idle:
            return "idle";
        case ShipperStatus::State::shipping:
            return "shipping";
        case ShipperStatus::State::retrying:
            return "retrying";
        case ShipperStatus::State::paused:
            break;
    }
    return "paused";
}

Shipper::Shipper(Spool& spool, BulkSender sender, BatchLimits limits, const Clock& clock)
    : spool_(spool),
      sender_(std::move(sender)),
      limits_(limits),
      clock_(clock),
      backoff_({}, random_source()) {
    status_.host = sender_.host();
}

Shipper::~Shipper() = default;

void Shipper::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
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
    thread_.join();
    if (sender_.known_good()) {
        (void)drain(clock_.steady_now() + patience, {});
    }
}

ShipperStatus Shipper::status() const {
    const std::lock_guard lock(mutex_);
    return status_;
}

void Shipper::run(const std::stop_token& stop) {
    DocumentRef after;
    while (!stop.stop_requested()) {
        {
            const std::lock_guard lock(mutex_);
            has_news_ = false;
        }
        bool more = false;
        const auto report = ship_batch(after, more, stop, std::nullopt);
        if (report.next == NextStep::stopped) {
            return;
        }
        if (report.next != NextStep::go_on) {
            after = {};
            sleep(wait_after(report), false, stop);
        } else if (!more) {
            after = {};
            sleep(longest_idle, true, stop);
            sleep(gathering_time, false, stop);
        }
    }
}

DrainResult Shipper::drain(SteadyTime deadline, const std::stop_token& stop) {
    DocumentRef after;
    bool more = true;
    while (more && !stop.stop_requested()) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock_.steady_now());
        if (left.count() <= 0) {
            return {NextStep::retry, "there was no time to ship all that is pending"};
        }
        const auto report = ship_batch(after, more, stop, left);
        if (report.next != NextStep::go_on) {
            return {report.next, report.problem};
        }
    }
    return {stop.stop_requested() ? NextStep::stopped : NextStep::go_on, ""};
}

SendReport Shipper::ship_batch(DocumentRef& after, bool& more, const std::stop_token& stop,
                               std::optional<milliseconds> timeout) {
    SendReport report;
    auto batch = spool_.next_batch(limits_, after);
    if (!batch) {
        report.next = NextStep::retry;
        report.problem = batch.error().message;
        note(report, milliseconds(0));
        return report;
    }
    more = batch->more;
    if (batch->documents.empty()) {
        note(report, milliseconds(0));
        return report;
    }
    std::vector<BulkDocument> documents;
    documents.reserve(batch->documents.size());
    for (const auto& document : batch->documents) {
        documents.push_back({document.target, document.id, document.json});
    }
    const auto began = clock_.steady_now();
    report = sender_.send(documents, stop, timeout);
    const auto took = std::chrono::duration_cast<milliseconds>(clock_.steady_now() - began);
    settle(*batch, report);
    after = batch->documents.back().ref;
    note(report, took);
    return report;
}

void Shipper::settle(const Batch& batch, const SendReport& report) {
    std::vector<Settlement> settlements;
    settlements.reserve(batch.documents.size());
    for (std::size_t i = 0; i < batch.documents.size(); ++i) {
        settlements.push_back(settlement_of(batch.documents[i], report.fates[i]));
    }
    for (const auto& refusal : report.refusals) {
        auto& settlement = settlements[refusal.position];
        settlement.status = static_cast<int>(refusal.status);
        settlement.type = refusal.type;
        settlement.reason = refusal.reason;
        spdlog::warn("document {} was refused: {} {}: {} (`pwlog spool rejects` keeps it)",
                     batch.documents[refusal.position].id, refusal.status, refusal.type,
                     refusal.reason);
    }
    if (auto settled = spool_.settle(settlements); !settled) {
        // They stay pending and are sent again: a 409 then, which is proof too.
        spdlog::error("what was shipped could not be booked: {}", settled.error().message);
    }
}

milliseconds Shipper::wait_after(const SendReport& report) {
    const auto wait = report.next == NextStep::pause ? milliseconds(pause_time) : backoff_.next();
    return report.retry_after ? std::max<milliseconds>(wait, clamp_retry_after(*report.retry_after))
                              : wait;
}

/// Keeps the status; a change of state is one line in the log.
void Shipper::note(const SendReport& report, milliseconds took) {
    const std::lock_guard lock(mutex_);
    status_.host = sender_.host();
    status_.server = sender_.server_name();
    status_.requests += report.requests;
    if (report.next == NextStep::stopped) {
        return;
    }
    if (report.next != NextStep::go_on) {
        const auto state = report.next == NextStep::pause ? ShipperStatus::State::paused
                                                          : ShipperStatus::State::retrying;
        const auto now = clock_.steady_now();
        const bool is_news =
            status_.last_error.empty() || state != status_.state ||
            (report.problem != status_.last_error && now - last_complaint_ > quiet_time);
        if (is_news) {
            last_complaint_ = now;
            spdlog::warn("{}: {}",
                         report.next == NextStep::pause ? "shipping is paused" : "shipping waits",
                         report.problem);
        }
        status_.state = state;
        status_.last_error = report.problem;
        return;
    }
    if (!report.fates.empty()) {
        backoff_.reset();
        if (!status_.last_error.empty() || !status_.last_success) {
            spdlog::info("shipping to {} ({})", status_.host, status_.server);
        }
        status_.last_error.clear();
        status_.last_success = to_timestamp(clock_.wall_now());
        status_.latency = took;
        status_.next_try.reset();
    }
    status_.state =
        report.fates.empty() ? ShipperStatus::State::idle : ShipperStatus::State::shipping;
}

void Shipper::sleep(milliseconds time, bool wake_for_news, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const auto until = clock_.steady_now() + time;
    if (!status_.last_error.empty()) {
        status_.next_try = until;
    } else if (wake_for_news) {
        status_.state = ShipperStatus::State::idle;
    }
    news_.wait_until(lock, stop, until, [&] { return wake_for_news && has_news_; });
}

}  // namespace pwlog
