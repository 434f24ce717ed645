// SPDX-License-Identifier: MIT
#include "switching/switching.h"

#include <spdlog/spdlog.h>

namespace pwlog {

Switcher::Switcher(SwitchSetup setup, const pdu::SwitchPermit& permit,
                   std::shared_ptr<PduLine> line, Recorder& recorder, const Clock& clock)
    : permit_(permit),
      line_(std::move(line)),
      recorder_(recorder),
      clock_(clock),
      limit_(setup.per_minute),
      setup_(std::move(setup)) {}

SwitchSetup Switcher::setup() const {
    const std::lock_guard lock(mutex_);
    return setup_;
}

void Switcher::set_up_anew(SwitchSetup setup) {
    const std::lock_guard lock(mutex_);
    setup_ = std::move(setup);
    limit_.set_per_minute(setup_.per_minute);
}

SwitchReport Switcher::begin(const SwitchOrder& order) const {
    SwitchReport report;
    const auto setup = this->setup();
    report.request.device = setup.device;
    if (!order.outlet.is_all()) {
        const auto& name =
            setup.outlet_names.at(static_cast<std::size_t>(order.outlet.outlet() - 1));
        report.request.outlet = OutletTag{order.outlet.outlet(), name};
    }
    report.request.requested_by = order.requested_by;
    report.request.method = order.method;
    report.request.command = order.asked.empty() ? to_word(order.action) : order.asked;
    report.request.delay = order.delay;
    report.request.restore_after = order.restore_after;
    return report;
}

SwitchReport Switcher::carry_out(const SwitchOrder& order, const Watcher& watcher,
                                 const std::stop_token& stop, const std::stop_token& withdrawn) {
    SwitchReport report = begin(order);
    std::optional<std::size_t> number;
    const auto means =
        this->means(withdrawn.stop_possible() ? withdrawn : stop,
                    [&](const SwitchRequest& request) { number = note_begun(request); });
    SwitchAttempt attempt(order, report, means);
    attempt.start(false);
    if (!report.error && !report.sent.empty()) {
        if (order.wait) {
            attempt.await(watcher, stop);
        } else {
            attempt.conclude();
        }
    }
    finish(report, number);
    return report;
}

SwitchReport Switcher::rehearse(const SwitchOrder& order, const std::stop_token& stop) {
    SwitchReport report = begin(order);
    const auto means = this->means(stop, {});
    SwitchAttempt(order, report, means).start(true);
    return report;
}

void Switcher::refuse(const SwitchOrder& order, const std::string& reason) {
    SwitchReport report = begin(order);
    report.request.outcome = SwitchRequest::Outcome::refused;
    report.request.reason = reason;
    finish(report);
}

void Switcher::tell_of_orders_left(const std::string& saved) {
    for (auto& [request, uptime] : OpenOrders::left_in(saved, setup().device)) {
        SwitchReport report;
        report.request = std::move(request);
        limit_.count(uptime);
        finish(report);
    }
}

/// Once it is kept the next process knows of it, whatever becomes of this one.
std::size_t Switcher::note_begun(const SwitchRequest& request) {
    const std::lock_guard lock(commit_mutex_);
    const auto number = open_.begin(request, to_timestamp(clock_.wall_now()), clock_.uptime());
    recorder_.remember({{orders_key(), open_.save()}});
    return number;
}

/// The event, and in one commit with it how often was switched, and what is still open.
void Switcher::finish(SwitchReport& report, std::optional<std::size_t> number) {
    const std::lock_guard lock(commit_mutex_);
    if (number) {
        open_.end(*number);
    }
    const auto& device = report.request.device;
    Happenings happenings;
    happenings.events.push_back(switch_request_event(report.request));
    happenings.state_then = [this, key = state_key(), orders = orders_key()] {
        return State{{key, limit_.save()}, {orders, open_.save()}};
    };
    spdlog::info("{}", happenings.events.front().message);
    auto kept =
        recorder_.record_events(device, std::move(happenings), to_timestamp(clock_.wall_now()));
    if (!kept) {
        spdlog::error("{}: a switch request's event could not be kept: {}", device.id,
                      kept.error().message);
    }
}

}  // namespace pwlog
