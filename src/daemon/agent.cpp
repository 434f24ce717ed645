// SPDX-License-Identifier: MIT
#include "daemon/agent.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/thread.h"

namespace pwlog {
namespace {

/// Longer than any cycle with all its retries and a slow card take.
constexpr auto longest_turn = std::chrono::seconds(60);
constexpr auto most_early_duty = std::chrono::seconds(2);
}  // namespace

Agent::Agent(AgentOptions options, Spool& spool, const Clock& clock)
    : spool_(spool),
      clock_(clock),
      recorder_(spool, options.origin, clock),
      options_(std::move(options)) {
    next_duty_ = clock.steady_now() + duty_period();
    for (const auto& setup : options_.devices) {
        readings_.push_back(make(setup));
    }
}

Agent::~Agent() = default;

std::shared_ptr<Sampler> Agent::make_sampler(const DeviceSetup& setup) {
    auto options = sampling_of(setup);
    if (started_) {
        options.clock_wait = {};  // it was waited for by then
    }
    auto sampler =
        std::make_shared<Sampler>(make_device(setup, clock_), recorder_, options, clock_);
    for (const auto& key : sampler->state_keys()) {
        if (const auto saved = spool_.state(key); saved && !saved->empty()) {
            sampler->restore(key, *saved);
        }
    }
    sampler->set_witness(witness_);
    return sampler;
}

/// What waits for an outlet of the one before goes on here.
Agent::Reading Agent::make(const DeviceSetup& setup, const Reading* before) {
    auto reading = before != nullptr ? *before : Reading();
    reading.sampler = make_sampler(setup);
    if (const auto* const pdu = std::get_if<PduSetup>(&setup)) {
        set_up_switching(*pdu, reading);
    }
    return reading;
}

void Agent::set_up_switching(const PduSetup& setup, Reading& reading) {
    SwitchSetup switching{setup.context.device, setup.context.outlet_names, setup.switch_limit};
    if (reading.switcher) {
        reading.switcher->set_up_anew(std::move(switching));
        return;
    }
    reading.current = std::make_shared<CurrentSampler>();
    reading.current->set(reading.sampler);
    reading.switcher = std::make_shared<Switcher>(std::move(switching), setup.switchable,
                                                  reading.current, recorder_, clock_);
    if (const auto saved = spool_.state(reading.switcher->state_key())) {
        reading.switcher->restore(*saved);
    }
    if (const auto saved = spool_.state(reading.switcher->orders_key())) {
        reading.switcher->tell_of_orders_left(*saved);
    }
}

std::vector<Agent::Reading> Agent::readings() const {
    const std::lock_guard lock(mutex_);
    return readings_;
}

AgentOptions Agent::options() const {
    const std::lock_guard lock(mutex_);
    return options_;
}

void Agent::set_witness(Witness* witness) {
    witness_ = witness;
    recorder_.set_witness(witness);
    for (const auto& reading : readings_) {
        reading.sampler->set_witness(witness);
    }
}

Result<void> Agent::start() {
    started_ = true;
    recorder_.tell_of_logger([&](LoggerWatch& watch, Timestamp now) {
        return watch.started(options_.origin.agent_version, options_.origin.host_name, now);
    });
    for (const auto& reading : readings()) {
        if (auto running = reading.sampler->start(); !running) {
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
    const auto all = readings();
    for (const auto& reading : all) {
        reading.sampler->request_stop();
    }
    for (const auto& reading : all) {
        reading.sampler->join();
        if (reading.current) {
            reading.current->set(nullptr);
        }
    }
    tell_of_losses(spool_.info().dropped);
    recorder_.tell_of_logger([&](LoggerWatch& watch, Timestamp now) {
        return watch.stopped(options_.origin.host_name, reason, now);
    });
}

void Agent::sample_now() {
    for (const auto& reading : readings()) {
        reading.sampler->sample_now();
    }
}

std::vector<Agent::Failure> Agent::read_once(const std::stop_token& stop) {
    std::mutex mutex;
    std::vector<Failure> failures;
    const auto all = readings();
    run_at_once("reading", all.size(), [&](std::size_t i) {
        auto& sampler = *all[i].sampler;
        if (auto read = sampler.read_once(stop); !read) {
            const std::lock_guard lock(mutex);
            failures.push_back({sampler.device(), read.error()});
        }
    });
    tell_of_losses(spool_.info().dropped);
    return failures;
}

std::chrono::milliseconds Agent::duty_period() const {
    constexpr auto without_documents = std::chrono::minutes(1);
    return options_.logger_interval.count() > 0 ? options_.logger_interval : without_documents;
}

void Agent::perform_duties(std::optional<std::chrono::milliseconds> ship_latency) {
    const auto now = clock_.steady_now();
    // A little early where the thread is up for the spool: one waking up for both.
    const auto early = std::min<std::chrono::milliseconds>(duty_period() / 8, most_early_duty);
    if (now < next_duty_ - early) {
        return;
    }
    next_duty_ = std::max(next_duty_, now) + duty_period();
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
    const auto all = readings();
    return std::all_of(all.begin(), all.end(), [&](const auto& reading) {
        return now - reading.sampler->last_turn() < reading.sampler->interval() + longest_turn;
    });
}

std::vector<SamplerStatus> Agent::samplers() const {
    std::vector<SamplerStatus> all;
    for (const auto& reading : readings()) {
        all.push_back(reading.sampler->status());
    }
    return all;
}

std::shared_ptr<Sampler> Agent::sampler(const std::string& device) const {
    for (const auto& reading : readings()) {
        if (reading.sampler->device() == device) {
            return reading.sampler;
        }
    }
    return nullptr;
}

std::shared_ptr<Switcher> Agent::switcher(const std::string& device) const {
    for (const auto& reading : readings()) {
        if (reading.switcher && reading.switcher->setup().device.id == device) {
            return reading.switcher;
        }
    }
    return nullptr;
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
    for (const auto& status : samplers()) {
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
