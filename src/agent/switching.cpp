#include "agent/switching.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace pwlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Ended = SwitchRequest::Outcome;

/// A cycled outlet that nobody saw off has been off by then.
constexpr auto grace = seconds(2);

/// A command without its answer may have been carried out.
bool is_lost_answer(const Error& error) {
    return error.kind == ErrorKind::timeout || error.kind == ErrorKind::garbled ||
           error.kind == ErrorKind::gone;
}

Ended outcome_before_sending(const Error& error) {
    const bool refused = error.kind == ErrorKind::denied || error.kind == ErrorKind::invalid ||
                         error.kind == ErrorKind::busy;
    return refused ? Ended::refused : Ended::failed;
}

void end_with(SwitchReport& report, Ended outcome, Error error) {
    report.request.outcome = outcome;
    report.request.reason = error.message;
    report.error = std::move(error);
}

/// Often at first and near the end, seldom in the middle of a long countdown.
milliseconds next_look(std::chrono::nanoseconds since, std::chrono::nanoseconds left) {
    constexpr int share = 10;
    const auto middle = std::chrono::duration_cast<milliseconds>(std::min(since, left));
    return std::clamp<milliseconds>(middle / share, milliseconds(1000), milliseconds(10'000));
}

seconds whole_seconds(std::chrono::nanoseconds left) {
    return std::chrono::ceil<seconds>(std::max(left, std::chrono::nanoseconds(0)));
}

}  // namespace

Result<OutletStates> read_outlets(PduDevice& device, const std::stop_token& stop) {
    constexpr int most_questions = 4;
    auto status = device.read_status(stop);
    for (int questions = 1; status && questions < most_questions; ++questions) {
        auto again = device.read_status(stop);
        if (again && again->outlets == status->outlets) {
            return again->outlets;
        }
        status = std::move(again);
    }
    return status ? fail(ErrorKind::garbled, "QGS shows other outlet states each time")
                  : pass_on(status);
}

/// One order on its way.
struct Switcher::Attempt {
    const SwitchOrder& order;
    SwitchReport& report;
    bool rehearsal = false;
    std::optional<SwitchGoal> goal{};
    OutletStates states{};
    SteadyTime ends{};            ///< of the countdown
    std::optional<Error> lost{};  ///< the answer to a command
    bool was_cancelled_for_on = false;
};

Switcher::Switcher(SwitchSetup setup, PduRunner runner, Recorder& recorder, const Clock& clock)
    : setup_(std::move(setup)),
      runner_(std::move(runner)),
      recorder_(recorder),
      clock_(clock),
      limit_(setup_.per_minute) {}

SwitchReport Switcher::begin(const SwitchOrder& order) const {
    SwitchReport report;
    report.request.device = setup_.device;
    if (!order.outlet.is_all()) {
        const auto& name =
            setup_.outlet_names.at(static_cast<std::size_t>(order.outlet.outlet() - 1));
        report.request.outlet = OutletTag{order.outlet.outlet(), name};
    }
    report.request.requested_by = order.requested_by;
    report.request.method = order.method;
    report.request.command = order.asked.empty() ? to_word(order.action) : order.asked;
    report.request.delay = order.delay;
    report.request.restore_after = order.restore_after;
    return report;
}

/// Who may not is told so even where the device is away.
void Switcher::start(Attempt& attempt, const std::stop_token& stop) {
    auto& report = attempt.report;
    if (auto allowed = check_switch(attempt.order, setup_.permit); !allowed) {
        end_with(report, Ended::refused, allowed.error());
        return;
    }
    auto ran = runner_(
        [&](PduDevice& device, const std::stop_token& own) { look_and_send(attempt, device, own); },
        stop);
    if (!ran) {
        end_with(report, Ended::failed, ran.error());
    }
}

SwitchReport Switcher::carry_out(const SwitchOrder& order, const Watcher& watcher,
                                 const std::stop_token& stop) {
    SwitchReport report = begin(order);
    Attempt attempt{order, report};
    start(attempt, stop);
    if (!report.error && !report.sent.empty()) {
        if (order.wait) {
            await(attempt, watcher, stop);
        } else if (attempt.lost) {
            end_with(report, Ended::unknown, *attempt.lost);
        }
    }
    finish(report);
    return report;
}

SwitchReport Switcher::rehearse(const SwitchOrder& order, const std::stop_token& stop) {
    SwitchReport report = begin(order);
    Attempt attempt{order, report, true};
    start(attempt, stop);
    return report;
}

void Switcher::refuse(const SwitchOrder& order, const std::string& reason) {
    SwitchReport report = begin(order);
    end_with(report, Ended::refused, {ErrorKind::denied, reason});
    finish(report);
}

void Switcher::restore(const std::string& saved) {
    const std::lock_guard lock(mutex_);
    limit_.restore(saved);
}

/// On the device's thread: nobody else's order comes between looking and sending.
void Switcher::look_and_send(Attempt& attempt, PduDevice& device, const std::stop_token& stop) {
    auto& report = attempt.report;
    const auto states = read_outlets(device, stop);
    if (!states) {
        end_with(report, Ended::failed, states.error());
        return;
    }
    attempt.states = *states;
    report.request.digits_before = digits_of(*states);
    report.request.digits_after = report.request.digits_before;
    send(attempt, device, stop);
}

/// What is still to be done, by the states that were read.
void Switcher::send(Attempt& attempt, PduDevice& device, const std::stop_token& stop) {
    auto& report = attempt.report;
    const auto commands = plan_switch(attempt.order, setup_.permit, attempt.states);
    if (!commands) {
        end_with(report, outcome_before_sending(commands.error()), commands.error());
        return;
    }
    if (!commands->empty() && !attempt.rehearsal && report.sent.empty() && !take_from_limit()) {
        end_with(report, Ended::refused,
                 {ErrorKind::busy,
                  fmt::format("switched {} times within a minute: switch_limit of the device's "
                              "configuration allows no more",
                              setup_.per_minute)});
        return;
    }
    attempt.goal.emplace(attempt.order, attempt.states);
    for (const auto& command : *commands) {
        report.sent.push_back(command.text());
        attempt.was_cancelled_for_on =
            attempt.was_cancelled_for_on ||
            (attempt.order.action == SwitchOrder::Action::on && command.text().starts_with("CS"));
        if (attempt.rehearsal) {
            continue;
        }
        auto done = device.command(command, stop);
        if (!done && is_lost_answer(done.error())) {
            attempt.lost = done.error();
        } else if (!done) {
            end_with(report, Ended::failed, done.error());
            return;
        }
    }
    attempt.ends = clock_.steady_now() + countdown_of(attempt.order);
    if (!attempt.rehearsal && !commands->empty() && !attempt.order.wait) {
        if (const auto now = device.read_status(stop)) {
            report.request.digits_after = digits_of(now->outlets);
        }
    }
}

void Switcher::await(Attempt& attempt, const Watcher& watcher, const std::stop_token& stop) {
    auto& report = attempt.report;
    while (!look_again(attempt, stop)) {
        if (report.error) {
            return;
        }
        const auto now = clock_.steady_now();
        const auto give_up = attempt.ends + setup_.margin;
        const std::string seen = fmt::format("the outlets show {}", report.request.digits_after);
        if (now >= give_up) {
            const auto outcome = attempt.lost ? Ended::unknown : Ended::failed;
            end_with(report, outcome,
                     {ErrorKind::timeout,
                      attempt.lost ? fmt::format("{}; {}", attempt.lost->message, seen)
                                   : fmt::format("the device accepted it, but {}", seen)});
            return;
        }
        const SwitchProgress progress{report.request.digits_after,
                                      whole_seconds(attempt.ends - now),
                                      whole_seconds(give_up - now)};
        const auto since = now - (attempt.ends - countdown_of(attempt.order));
        if ((watcher && !watcher(progress)) ||
            !clock_.wait_until(now + next_look(since, attempt.ends - now), stop)) {
            end_with(report, Ended::unknown,
                     {ErrorKind::stopped, "nobody waited for the new state; " + seen});
            return;
        }
    }
}

/// Reads QGS once more; true where the new state is there. What fails is tried again until the
/// patience ends.
bool Switcher::look_again(Attempt& attempt, const std::stop_token& stop) {
    bool reached = false;
    auto ran = runner_(
        [&](PduDevice& device, const std::stop_token& own) {
            auto states = read_outlets(device, own);
            if (!states) {
                return;
            }
            attempt.states = *states;
            attempt.report.request.digits_after = digits_of(*states);
            const bool over = clock_.steady_now() >= attempt.ends + grace;
            reached = attempt.goal->is_reached(*states, over);
            // A shutdown was cancelled, and the outlet was off all the same: now it is turned on.
            const bool is_off =
                std::find(states->begin(), states->end(), pdu::OutletState::off) != states->end();
            if (!reached && is_off && std::exchange(attempt.was_cancelled_for_on, false)) {
                send(attempt, device, own);
            }
        },
        stop);
    if (!ran) {
        end_with(attempt.report, Ended::unknown, ran.error());
    }
    return reached;
}

bool Switcher::take_from_limit() {
    const std::lock_guard lock(mutex_);
    return limit_.take(to_timestamp(clock_.wall_now()));
}

/// The event, and in one commit with it how often was switched.
void Switcher::finish(SwitchReport& report) {
    Happenings happenings;
    happenings.events.push_back(switch_request_event(report.request));
    {
        const std::lock_guard lock(mutex_);
        happenings.state.emplace_back(state_key(), limit_.save());
    }
    spdlog::info("{}", happenings.events.front().message);
    auto kept = recorder_.record_events(setup_.device, std::move(happenings),
                                        to_timestamp(clock_.wall_now()));
    if (!kept) {
        spdlog::error("{}: a switch request's event could not be kept: {}", setup_.device.id,
                      kept.error().message);
    }
}

}  // namespace pwlog
