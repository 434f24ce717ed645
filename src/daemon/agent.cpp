// SPDX-License-Identifier: MIT
#include "daemon/agent.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>

#include "base/thread.h"
#include "sampling/sampled_ats.h"
#include "sampling/sampled_pdu.h"

namespace pwlog {
namespace {

/// Longer than any cycle with all its retries and a slow card take.
constexpr auto longest_turn = std::chrono::seconds(60);
/// Over gaps longer than this many intervals no energy is invented, and no sample stands for them.
constexpr int intervals_to_gap = 3;

Session::Opener opener(const PortOptions& port) {
    return [port](const std::stop_token& stop) { return open_link(port, stop); };
}

std::unique_ptr<SampledDevice> make_device(const PduSetup& setup, const Clock& clock) {
    PduDevice device(Session(opener(setup.port), pdu::protocol_id, setup.session, clock), clock);
    return std::make_unique<SampledPdu>(std::move(device), setup.context,
                                        intervals_to_gap * setup.sampler.interval);
}

std::unique_ptr<SampledDevice> make_device(const AtsSetup& setup, const Clock& clock) {
    AtsDevice device(Session(opener(setup.port), ats::protocol_id, setup.session, clock), clock);
    return std::make_unique<SampledAts>(std::move(device), setup.context,
                                        intervals_to_gap * setup.sampler.interval,
                                        setup.with_capsule);
}

}  // namespace

Agent::Agent(AgentOptions options, Spool& spool, const Clock& clock,
             std::function<void()> committed)
    : options_(std::move(options)),
      spool_(spool),
      clock_(clock),
      recorder_(spool, options_.origin, clock, std::move(committed)),
      next_duty_(clock.steady_now() + duty_period()) {
    for (const auto& setup : options_.pdus) {
        add_switcher(setup, add(make_device(setup, clock_), setup.sampler, setup.port.name));
    }
    for (const auto& setup : options_.ats) {
        add(make_device(setup, clock_), setup.sampler, setup.port.name);
    }
}

Agent::~Agent() = default;

Sampler& Agent::add(std::unique_ptr<SampledDevice> device, SamplerOptions options,
                    const std::string& port) {
    options.port = port;
    auto sampler = std::make_unique<Sampler>(std::move(device), recorder_, options, clock_);
    for (const auto& key : sampler->state_keys()) {
        if (const auto saved = spool_.state(key); saved && !saved->empty()) {
            sampler->restore(key, *saved);
        }
    }
    samplers_.push_back(std::move(sampler));
    return *samplers_.back();
}

void Agent::add_switcher(const PduSetup& setup, Sampler& sampler) {
    SwitchSetup switching{setup.context.device, setup.context.outlet_names, setup.switch_limit};
    auto switcher = std::make_unique<Switcher>(std::move(switching), setup.switchable,
                                               runner_on(sampler), recorder_, clock_);
    if (const auto saved = spool_.state(switcher->state_key())) {
        switcher->restore(*saved);
    }
    switchers_.push_back(std::move(switcher));
}

void Agent::set_witness(Witness* witness) {
    recorder_.set_witness(witness);
    for (auto& sampler : samplers_) {
        sampler->set_witness(witness);
    }
}

void Agent::set_cycle_end(const std::function<void()>& tell) {
    for (auto& sampler : samplers_) {
        sampler->set_cycle_end(tell);
    }
}

bool Agent::is_reading() const {
    return std::any_of(samplers_.begin(), samplers_.end(),
                       [](const auto& sampler) { return sampler->is_reading(); });
}

Result<void> Agent::start() {
    started_ = true;
    recorder_.tell_of_logger([&](LoggerWatch& watch, Timestamp now) {
        return watch.started(options_.origin.agent_version, options_.origin.host_name, now);
    });
    for (auto& sampler : samplers_) {
        if (auto running = sampler->start(); !running) {
            stop(running.error().message);
            return running;
        }
    }
    return {};
}

void Agent::stop(const std::string& reason) {
    if (!std::exchange(started_, false)) {
        return;
    }
    for (auto& sampler : samplers_) {
        sampler->request_stop();
    }
    for (auto& sampler : samplers_) {
        sampler->join();
    }
    tell_of_losses(spool_.info().dropped);
    recorder_.tell_of_logger([&](LoggerWatch& watch, Timestamp now) {
        return watch.stopped(options_.origin.host_name, reason, now);
    });
}

void Agent::sample_now() {
    for (auto& sampler : samplers_) {
        sampler->sample_now();
    }
}

std::vector<Agent::Failure> Agent::read_once(const std::stop_token& stop) {
    std::mutex mutex;
    std::vector<Failure> failures;
    std::vector<std::function<void()>> readings;
    readings.reserve(samplers_.size());
    for (auto& sampler : samplers_) {
        readings.emplace_back([&] {
            if (auto read = sampler->read_once(stop); !read) {
                const std::lock_guard lock(mutex);
                failures.push_back({sampler->status().device, read.error()});
            }
        });
    }
    run_at_once("reading", readings);
    tell_of_losses(spool_.info().dropped);
    return failures;
}

std::chrono::milliseconds Agent::duty_period() const {
    constexpr auto without_documents = std::chrono::minutes(1);
    return options_.logger_interval.count() > 0 ? options_.logger_interval : without_documents;
}

void Agent::perform_duties(std::optional<std::chrono::milliseconds> ship_latency) {
    const auto now = clock_.steady_now();
    if (now < next_duty_) {
        return;
    }
    next_duty_ = now + duty_period();
    const auto info = spool_.info();
    tell_of_losses(info.dropped);
    if (options_.logger_interval.count() == 0) {
        return;
    }
    const DeviceTag self{logger_device_id(options_.origin), ""};
    auto recorded = recorder_.record(
        self, to_timestamp(clock_.wall_now()), [&](const Origin& origin, Timestamp time) {
            return CycleRecord{{logger_document(origin, health(info, ship_latency), time)}, {}};
        });
    if (!recorded) {
        spdlog::error("the logger's own document could not be kept: {}", recorded.error().message);
    }
}

bool Agent::is_alive() const {
    const auto now = clock_.steady_now();
    return std::all_of(samplers_.begin(), samplers_.end(), [&](const auto& sampler) {
        return now - sampler->last_turn() < sampler->interval() + longest_turn;
    });
}

std::vector<SamplerStatus> Agent::samplers() const {
    std::vector<SamplerStatus> all;
    all.reserve(samplers_.size());
    for (const auto& sampler : samplers_) {
        all.push_back(sampler->status());
    }
    return all;
}

Sampler* Agent::sampler(const std::string& device) {
    const auto found = std::find_if(samplers_.begin(), samplers_.end(), [&](const auto& sampler) {
        return sampler->status().device == device;
    });
    return found == samplers_.end() ? nullptr : found->get();
}

Switcher* Agent::switcher(const std::string& device) {
    const auto found =
        std::find_if(switchers_.begin(), switchers_.end(),
                     [&](const auto& switcher) { return switcher->setup().device.id == device; });
    return found == switchers_.end() ? nullptr : found->get();
}

namespace {

/// Counts never fall below zero.
std::uint64_t count(std::int64_t number) { return static_cast<std::uint64_t>(number); }

}  // namespace

LoggerHealth Agent::health(const SpoolInfo& info,
                           std::optional<std::chrono::milliseconds> ship_latency) const {
    LoggerHealth health;
    health.read = count(info.read);
    health.stored = count(info.stored);
    health.duplicates = count(info.duplicates);
    health.rejected = count(info.rejected);
    health.pending = count(info.pending_documents);
    health.dropped = count(info.dropped);
    health.spool_bytes = info.bytes;
    health.ship_latency = ship_latency;
    for (const auto& sampler : samplers_) {
        const auto status = sampler->status();
        health.read_errors += status.line.errors();
        health.cycles_late += status.late;
    }
    return health;
}

void Agent::tell_of_losses(std::int64_t dropped) {
    recorder_.tell_of_logger(
        [&](LoggerWatch& watch, Timestamp now) { return watch.dropped(dropped, now); });
}

void Agent::tell_of_conflicts(const std::string& devices, std::int64_t documents) {
    recorder_.tell_of_logger([&](LoggerWatch& watch, Timestamp now) {
        return watch.conflicts(devices, documents, now);
    });
}

}  // namespace pwlog
