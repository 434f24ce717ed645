// SPDX-License-Identifier: MIT
#include "switching/switch_attempt.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace pwlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Ended = SwitchRequest::Outcome;
constexpr auto brief_pause = seconds(1);  ///< of a cycle that is brief
/// The device's clock and ours, its answers, and a cycle of the sampler before our turn comes.
constexpr auto inaccuracy = seconds(2);
/// What was refused may have been so already, shown late.
constexpr auto patience_with_refusal = seconds(3);
/// What keeps the line, usually: QGS; QGS twice and a command; that and until an outlet is off.
constexpr auto look_takes = milliseconds(450);
constexpr auto order_takes = milliseconds(1'100);
constexpr auto brief_order_takes = milliseconds(2'000);
/// A further command, with QPI before it: `all` may need one for each outlet.
constexpr auto next_command_takes = milliseconds(180);
/// How long an order is seen through that nobody waits for any more.
constexpr auto patience_alone = seconds(60);

Ended outcome_before_sending(const Error& error) {
    const bool refused = error.kind == ErrorKind::denied || error.kind == ErrorKind::invalid;
    return refused                            ? Ended::refused
           : error.kind == ErrorKind::stopped ? Ended::withdrawn
                                              : Ended::failed;
}

milliseconds longest_turn(const SwitchOrder& order) {
    const int further = order.outlet.is_all() ? pdu::outlet_count - 1 : 0;
    return (is_brief(order) ? brief_order_takes : order_takes) + further * next_command_takes;
}

seconds whole_seconds(std::chrono::nanoseconds left) {
    return std::chrono::ceil<seconds>(std::max(left, std::chrono::nanoseconds(0)));
}

}  // namespace

void SwitchAttempt::end_with(Ended outcome, Error error) {
    report_.request.outcome = outcome;
    report_.request.reason = error.message;
    report_.error = std::move(error);
}

/// Who may not is told so even where the device is away.
void SwitchAttempt::start(bool rehearsal) {
    if (auto allowed = check_switch(order_, means_.permit.now()); !allowed) {
        end_with(Ended::refused, allowed.error());
        return;
    }
    if (!rehearsal) {
        means_.note_begun(report_.request);
    }
    auto ran = means_.line.run(
        [&](PduDevice& device, const std::stop_token& stop) {
            look_and_send(rehearsal, device, stop);
        },
        longest_turn(order_), means_.withdrawn);
    if (!ran) {
        end_with(outcome_before_sending(ran.error()), ran.error());
    }
}

void SwitchAttempt::conclude() {
    if (goal_->is_lost()) {
        end_unreached();
    } else if (!trouble_ && !goal_->is_reached()) {
        report_.request.outcome = Ended::unknown;
        report_.request.reason = "accepted by the device; the new state was not waited for";
    } else if (trouble_ && (order_.in_any_state || !goal_->is_reached())) {
        end_with(was_lost_ ? Ended::unknown : Ended::failed, *trouble_);
    }
}

/// On the device's thread: nobody else's order comes between looking and sending.
void SwitchAttempt::look_and_send(bool rehearsal, PduDevice& device, const std::stop_token& stop) {
    const auto states = read_outlets(device, order_.outlet, stop);
    if (!states) {
        end_with(outcome_before_sending(states.error()), states.error());
        return;
    }
    states_ = *states;
    goal_.emplace(order_, *states);
    report_.request.digits_before = digits_of(*states);
    report_.request.digits_after = report_.request.digits_before;
    report_.request.reason = left_alone(order_, *states);
    const auto commands = plan_switch(order_, means_.permit.now(), *states);
    if (!commands) {
        end_with(outcome_before_sending(commands.error()), commands.error());
    } else if (rehearsal) {
        for (const auto& command : *commands) {
            report_.sent.push_back(command.text());
        }
    } else if (!commands->empty()) {
        if (const auto may = means_.may_send(); may) {
            send_all(*commands, device, stop);
        } else {
            const bool too_often = may.error().kind == ErrorKind::busy;
            end_with(too_often ? Ended::refused : outcome_before_sending(may.error()), may.error());
        }
    }
}

void SwitchAttempt::send_all(const std::vector<pdu::SetCommand>& commands, PduDevice& device,
                             const std::stop_token& stop) {
    if (order_.action == SwitchOrder::Action::cancel) {
        goal_->know_ends(read_ends(device, order_.outlet, states_, stop));
    }
    for (std::size_t index = 0; index < states_.size(); ++index) {
        cancelled_.at(index) =
            is_chosen(order_.outlet, index) && is_cancelled_first(order_, states_.at(index));
    }
    for (const auto& command : commands) {
        if (!send(command, device, stop)) {
            break;
        }
        if (order_.wait && is_brief(order_) && delay_of(order_) == seconds(0)) {
            set_deadline();  // of this command alone
            watch_off(command.outlet().value_or(order_.outlet), device, stop);
        }
    }
    set_deadline();
    if (!order_.wait) {
        if (const auto now = device.read_status(stop)) {
            report_.request.digits_after = digits_of(now->outlets);
            goal_->see(now->outlets, means_.clock.steady_now());
        }
    }
}

/// Sends one command, once. False: the rest stays unsent.
bool SwitchAttempt::send(const pdu::SetCommand& command, PduDevice& device,
                         const std::stop_token& stop) {
    using Stage = CommandResult::Stage;
    const auto result = device.command(command, means_.permit, stop);
    if (result.stage == Stage::not_sent) {
        auto error = result.done.error();
        const auto outcome = report_.sent.empty()               ? outcome_before_sending(error)
                             : error.kind == ErrorKind::stopped ? Ended::unknown
                                                                : Ended::failed;
        error.message += report_.sent.empty()
                             ? "; nothing was sent"
                             : fmt::format("; {} was sent before, {} was not",
                                           fmt::join(report_.sent, " "), command.text());
        end_with(outcome, std::move(error));
        return false;
    }
    report_.sent.push_back(command.text());
    if (result.done) {
        was_accepted_ = true;
        return true;
    }
    trouble_ = result.done.error();
    was_lost_ = was_lost_ || result.stage == Stage::sent;
    const auto kind = trouble_->kind;
    return kind == ErrorKind::refused || kind == ErrorKind::timeout || kind == ErrorKind::garbled;
}

/// From the last of the order's own commands on: what may follow them moves nothing.
void SwitchAttempt::set_deadline() {
    began_ = means_.clock.steady_now();
    goes_off_ = began_ + delay_of(order_);
    ends_ = began_ + countdown_of(order_);
    const bool may_follow =
        std::find(cancelled_.begin(), cancelled_.end(), true) != cancelled_.end();
    const bool refused = !was_accepted_ && !was_lost_ && !may_follow;
    give_up_ = refused ? began_ + std::min<milliseconds>(patience_with_refusal, means_.margin)
                       : ends_ + means_.margin;
}

void SwitchAttempt::await(const SwitchWatcher& watcher, const std::stop_token& stop) {
    bool watched = static_cast<bool>(watcher);
    while (!look_again(stop)) {
        if (report_.error) {
            return;
        }
        const auto now = means_.clock.steady_now();
        const auto& seen = report_.request.digits_after;
        if (now >= give_up_ || goal_->is_lost()) {
            end_unreached();
            return;
        }
        const SwitchProgress progress{seen, whole_seconds(ends_ - now),
                                      whole_seconds(give_up_ - now)};
        const bool deserted = watched && !watcher(progress);
        watched = watched && !deserted;
        if ((deserted && give_up_ - now > patience_alone) ||
            !means_.clock.wait_until(next_look(now), stop)) {
            end_with(
                Ended::unknown,
                {ErrorKind::stopped,
                 fmt::format("{} was sent; without waiting for the new state; the outlets show {}",
                             fmt::join(report_.sent, " "), seen)});
            return;
        }
    }
}

/// The outlets don't show what was wanted, nor will they in time: what they show instead.
void SwitchAttempt::end_unreached() {
    const auto seen = fmt::format("the outlets show {}", report_.request.digits_after);
    if (trouble_) {
        end_with(was_lost_ ? Ended::unknown : Ended::failed,
                 {trouble_->kind, fmt::format("{}; {}", trouble_->message, seen)});
        return;
    }
    const auto unseen = goal_->unseen();
    end_with(unseen.empty() ? Ended::failed : Ended::unknown,
             {ErrorKind::timeout, fmt::format("the device accepted it, but {}{}", unseen, seen)});
}

/// Often at first and near the end, and in time for what shows for a second only.
SteadyTime SwitchAttempt::next_look(SteadyTime now) const {
    const auto middle =
        std::chrono::duration_cast<milliseconds>(std::min(now - began_, ends_ - now) / 10);
    const auto next = now + std::clamp<milliseconds>(middle, seconds(1), seconds(10));
    const auto brief = goes_off_ - inaccuracy;
    return is_brief(order_) && now < brief ? std::min<SteadyTime>(next, brief) : next;
}

/// True where the new state is there. What fails is tried again until the patience ends.
bool SwitchAttempt::look_again(const std::stop_token& stop) {
    bool reached = false;
    const bool goes_off_soon =
        is_brief(order_) && means_.clock.steady_now() >= goes_off_ - inaccuracy;
    auto ran = means_.line.run(
        [&](PduDevice& device, const std::stop_token& own) {
            if (goes_off_soon) {
                watch_off(order_.outlet, device, own);
            }
            if (look(device, own)) {
                turn_on_after_all(device, own);
            }
            reached = goal_->is_reached();
        },
        goes_off_soon ? milliseconds(0) : look_takes, stop);
    if (!ran) {
        end_with(Ended::unknown,
                 {ran.error().kind, fmt::format("{} was sent; {}", fmt::join(report_.sent, " "),
                                                ran.error().message)});
    }
    return reached;
}

bool SwitchAttempt::look(PduDevice& device, const std::stop_token& stop) {
    const auto states = read_outlets(device, order_.outlet, stop, &states_);
    if (states) {
        states_ = *states;
        report_.request.digits_after = digits_of(*states);
        goal_->see(*states, means_.clock.steady_now());
    }
    return states.has_value();
}

/// Keeps the line while an outlet is off for a second only, until it was seen so: between two looks
/// a cycle of the sampler has room.
void SwitchAttempt::watch_off(pdu::OutletChoice outlet, PduDevice& device,
                              const std::stop_token& stop) {
    const auto over = goes_off_ + brief_pause + inaccuracy;
    constexpr auto pause = milliseconds(100);  // where the port is gone, which is told at once
    while (!goal_->were_off(outlet) && means_.clock.steady_now() < over) {
        if (!look(device, stop) &&
            !means_.clock.wait_until(means_.clock.steady_now() + pause, stop)) {
            return;
        }
    }
}

/// A countdown was cancelled, and the outlet went off all the same: it is turned on, once, and
/// where there is time left to see it.
void SwitchAttempt::turn_on_after_all(PduDevice& device, const std::stop_token& stop) {
    for (std::size_t index = 0; index < states_.size(); ++index) {
        if (states_.at(index) != pdu::OutletState::off ||
            means_.clock.steady_now() + countdown_of(order_) > give_up_ ||
            !std::exchange(cancelled_.at(index), false)) {
            continue;
        }
        const auto command = turn_on(order_, means_.permit.now(),
                                     *pdu::OutletChoice::number(static_cast<int>(index) + 1));
        if (!command) {
            end_with(Ended::failed, command.error());
            return;
        }
        trouble_.reset();  // of the cancelling
        was_lost_ = false;
        if (!send(*command, device, stop)) {
            return;
        }
    }
}

}  // namespace pwlog
