// SPDX-License-Identifier: MIT
#include "mqtt/command_desk.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/thread.h"

namespace pwlog {
namespace {

/// For one PDU, so that no other's commands are refused for them.
constexpr std::size_t most_waiting = 32;
/// A new state takes seconds to show; meanwhile another outlet's turn comes. No more than these: a
/// PDU that does not answer keeps each for a minute, and the others' commands must not wait for it.
constexpr std::size_t most_at_work_of_a_pdu = 4;
/// With a thread for each of 64 devices and 16 UPSes well within the unit's TasksMax.
constexpr std::size_t most_workers = 64;
/// Refusals within a minute that become events; all are counted.
constexpr int told_refusals_per_minute = 10;

std::pair<std::string, int> outlet_of(const Command& command) {
    return {command.device, command.order.outlet.outlet()};
}

}  // namespace

CommandDesk::CommandDesk(const std::vector<Pdu>& pdus, const Clock& clock) : clock_(clock) {
    for (const auto& pdu : pdus) {
        const auto& setup = pdu.switcher->setup();
        devices_.emplace(pdu.above, setup.device.id);
        counters_by_pdu_.try_emplace(
            setup.device.id,
            Counter{pdu, SwitchLimit(setup.per_minute), SwitchLimit(told_refusals_per_minute)});
    }
}

Result<void> CommandDesk::start() {
    const auto wanted = std::min(most_workers, most_at_work_of_a_pdu * counters_by_pdu_.size());
    while (workers_.size() < wanted) {
        auto worker =
            start_thread("mqtt commands", [this](const std::stop_token& stop) { work(stop); });
        if (!worker) {
            // Fewer only take longer.
            return workers_.empty() ? pass_on(worker) : Result<void>();
        }
        workers_.push_back(std::move(*worker));
    }
    return {};
}

CommandDesk::~CommandDesk() { stop(); }

void CommandDesk::stop() {
    for (auto& worker : workers_) {
        worker.request_stop();
    }
    workers_.clear();
    std::stop_source stopped;
    stopped.request_stop();
    std::deque<Command> waiting;
    {
        const std::lock_guard lock(mutex_);
        waiting.swap(waiting_);
    }
    for (const auto& command : waiting) {
        handle(command, stopped.get_token());  // sends nothing, and tells so
    }
}

bool CommandDesk::take(const Incoming& message) {
    auto command = parse_command(devices_, message);
    if (!command) {
        return false;
    }
    const std::lock_guard lock(mutex_);
    auto& counter = counters_by_pdu_.at(command->device);
    command->refusal = reason_to_refuse(*command, counter);
    if (!command->refusal.empty()) {
        ++counters_.refused;
        if (counter.waiting >= 2 * most_waiting || !counter.told_refusals.take(clock_.uptime())) {
            return true;  // a flood is counted, not told one by one
        }
    }
    waiting_.push_back(std::move(*command));
    ++counter.waiting;
    ++changes_;
    news_.notify_one();
    return true;
}

/// The permit, too, is asked here, so that what is not allowed costs nothing; the lowest wall asks
/// it again.
std::string CommandDesk::reason_to_refuse(const Command& command, Counter& counter) const {
    if (!command.refusal.empty()) {
        return command.refusal;
    }
    const auto& setup = counter.pdu.switcher->setup();
    const auto permit = counter.pdu.switcher->permit();
    if (const auto allowed = check_switch(command.order, permit); !allowed) {
        return allowed.error().message;
    }
    if (counter.waiting >= most_waiting) {
        return fmt::format("{} commands are waiting already", counter.waiting);
    }
    if (!counter.limit.take(clock_.uptime())) {
        return fmt::format("more than {} commands within a minute", setup.per_minute);
    }
    return {};
}

DeskCounters CommandDesk::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

/// What is wanted of one outlet is done in order.
bool CommandDesk::may_begin(const Command& command) const {
    return counters_by_pdu_.at(command.device).at_work < most_at_work_of_a_pdu &&
           !busy_.contains(outlet_of(command));
}

void CommandDesk::work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        const auto next = std::find_if(waiting_.begin(), waiting_.end(),
                                       [this](const auto& command) { return may_begin(command); });
        if (next == waiting_.end()) {
            (void)news_.wait(lock, stop, [this, seen = changes_] { return changes_ != seen; });
            continue;
        }
        const Command command = std::move(*next);
        waiting_.erase(next);
        auto& counter = counters_by_pdu_.at(command.device);
        --counter.waiting;
        ++counter.at_work;
        busy_.insert(outlet_of(command));
        lock.unlock();
        handle(command, stop);
        lock.lock();
        busy_.erase(outlet_of(command));
        --counter.at_work;  // one more may begin, which this thread finds next
    }
}

void CommandDesk::handle(const Command& command, const std::stop_token& stop) {
    if (command.refusal.empty()) {
        carry_out(command, stop);
        return;
    }
    std::shared_ptr<Switcher> switcher;
    {
        const std::lock_guard lock(mutex_);
        switcher = counters_by_pdu_.at(command.device).pdu.switcher;
    }
    switcher->refuse(command.order, command.refusal);
}

void CommandDesk::carry_out(const Command& command, const std::stop_token& stop) {
    Pdu pdu;
    {
        const std::lock_guard lock(mutex_);
        pdu = counters_by_pdu_.at(command.device).pdu;
    }
    const auto report = pdu.switcher->carry_out(
        command.order, [](const SwitchProgress&) { return true; }, stop);
    if (report.error) {
        spdlog::warn("{}: MQTT command not carried out: {}", command.device, report.error->message);
    }
    pdu.sample_now();
    const std::lock_guard lock(mutex_);
    const bool refused = report.request.outcome == SwitchRequest::Outcome::refused;
    ++(!report.error ? counters_.done : refused ? counters_.refused : counters_.failed);
}

}  // namespace pwlog
