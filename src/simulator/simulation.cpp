// SPDX-License-Identifier: MIT
#include "simulator/simulation.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/stop_event.h"
#include "base/thread.h"

namespace pwlog::simulator {

using std::chrono::steady_clock;

Result<std::unique_ptr<Simulation>> Simulation::start(const SimulationOptions& options) {
    std::unique_ptr<Simulation> simulation(new Simulation());
    if (!options.script.empty()) {
        auto script = read_script(options.script);
        if (!script) {
            return pass_on(script);
        }
        simulation->script_name_ = options.script;
        simulation->script_ = std::move(*script);
    }
    if (!options.log.empty()) {
        auto log = AnswerLog::open(options.log);
        if (!log) {
            return pass_on(log);
        }
        simulation->log_ = std::move(*log);
    }
    if (auto added = simulation->add_devices(options); !added) {
        return pass_on(added);
    }
    if (!options.control.empty()) {
        auto control = ControlSocket::open(
            options.control,
            [self = simulation.get()](std::string_view line) { return self->inject(line); });
        if (!control) {
            return pass_on(control);
        }
        simulation->control_.emplace(std::move(*control));
    }
    simulation->started_ = steady_clock::now();
    const auto directed = start_thread(
        simulation->director_, "director",
        [self = simulation.get()](const std::stop_token& stop) { self->direct(stop); });
    return directed ? Result<std::unique_ptr<Simulation>>(std::move(simulation))
                    : pass_on(directed);
}

Simulation::~Simulation() {
    director_.request_stop();
    if (director_.joinable()) {
        director_.join();
    }
}

Result<void> Simulation::add_devices(const SimulationOptions& options) {
    const auto add = [&](DeviceKind kind, const std::string& word,
                         const std::vector<std::string>& links) -> Result<void> {
        for (std::size_t i = 0; i < links.size(); ++i) {
            Served::Options served;
            served.device = {kind, options.captures, options.seed * 1000 + devices_.size(),
                             options.time_factor};
            served.port.name = fmt::format("{}{}", word, i + 1);
            served.port.link = links[i];
            served.port.think = options.think;
            served.port.paced = options.paced;
            if (log_) {
                served.port.on_answer = [this](const AnswerRecord& record) { log_->add(record); };
                served.port.on_event = [this, name = served.port.name](std::string_view event) {
                    log_->add_event(name, event, std::chrono::system_clock::now());
                };
            }
            auto started = Served::start(std::move(served));
            if (!started) {
                return pass_on(started);
            }
            devices_.push_back(std::move(*started));
        }
        return {};
    };
    for (const auto& added : {add(DeviceKind::pdu, "pdu", options.pdu_links),
                              add(DeviceKind::ats, "ats", options.ats_links)}) {
        if (!added) {
            return added;
        }
    }
    if (devices_.empty()) {
        return fail(ErrorKind::invalid, "nothing to simulate: name at least one PDU or ATS");
    }
    return check_script();
}

/// A script that names a device nobody simulates would fail in the middle of a run.
Result<void> Simulation::check_script() const {
    for (const auto& line : script_) {
        const bool concerns_any =
            std::any_of(devices_.begin(), devices_.end(),
                        [&](const auto& device) { return device->is_concerned(line.directive); });
        if (!concerns_any) {
            return fail(ErrorKind::invalid, fmt::format("{}:{}: no such device is simulated: '{}'",
                                                        script_name_, line.number, line.text));
        }
    }
    return {};
}

Result<void> Simulation::inject(std::string_view line) {
    auto directive = parse_directive(line);
    if (!directive) {
        return pass_on(directive);
    }
    auto applied = apply(*directive);
    if (applied && log_) {
        log_->add_event("", line, std::chrono::system_clock::now());
    }
    return applied;
}

Result<void> Simulation::apply(const Directive& directive) {
    bool concerned = false;
    for (const auto& device : devices_) {
        if (device->is_concerned(directive)) {
            concerned = true;
            if (auto applied = device->apply(directive); !applied) {
                return fail(applied.error().kind,
                            fmt::format("{}: {}", device->name(), applied.error().message));
            }
        }
    }
    if (!concerned) {
        return fail(ErrorKind::invalid, "no such device is simulated");
    }
    return {};
}

/// Waits for the script's next time and for the control socket.
void Simulation::direct(const std::stop_token& stop) {
    const StopEvent stopped(stop);
    while (!stop.stop_requested()) {
        auto polled = control_ ? control_->descriptors() : std::vector<pollfd>{};
        polled.push_back({.fd = stopped.fd(), .events = POLLIN, .revents = 0});
        int timeout_ms = -1;
        if (done_ < script_.size()) {
            const auto left = started_ + script_[done_].at - steady_clock::now();
            const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
            constexpr std::int64_t an_hour = 3'600'000;
            timeout_ms = static_cast<int>(std::clamp<std::int64_t>(ms, 0, an_hour));
        }
        poll(polled.data(), polled.size(), timeout_ms);
        polled.pop_back();
        if (control_) {
            control_->serve(polled);
        }
        do_due_lines();
    }
}

void Simulation::do_due_lines() {
    for (; done_ < script_.size() && started_ + script_[done_].at <= steady_clock::now(); ++done_) {
        const auto& line = script_[done_];
        if (auto applied = apply(line.directive); !applied) {
            spdlog::warn("script line {}: {}: {}", line.number, line.text, applied.error().message);
        } else if (log_) {
            log_->add_event("", line.text, std::chrono::system_clock::now());
        }
    }
}

}  // namespace pwlog::simulator
