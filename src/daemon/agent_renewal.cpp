// SPDX-License-Identifier: MIT
// What a reload changes of the devices that are read.
#include <algorithm>
#include <map>

#include "daemon/agent.h"

namespace pwlog {

/// One that does not end in time is reading a device that does not answer: it is given up.
void Agent::end(const std::vector<Reading>& leaving) {
    constexpr auto patience = std::chrono::seconds(5);
    const auto deadline = clock_.steady_now() + patience;
    for (const auto& reading : leaving) {
        reading.sampler->request_end();
    }
    for (const auto& reading : leaving) {
        const auto left = std::max<std::chrono::nanoseconds>(deadline - clock_.steady_now(), {});
        if (!reading.sampler->has_ended_within(
                std::chrono::duration_cast<std::chrono::milliseconds>(left))) {
            reading.sampler->request_stop();
        }
    }
    for (const auto& reading : leaving) {
        reading.sampler->join();
    }
}

Result<void> Agent::renew(AgentOptions next, const std::set<std::string>& anew) {
    std::map<std::string, Reading> staying;
    std::vector<Reading> leaving;
    const auto is_wanted = [&](const std::string& id) {
        return !anew.contains(id) &&
               std::any_of(next.devices.begin(), next.devices.end(),
                           [&](const auto& setup) { return tag_of(setup).id == id; });
    };
    for (auto& reading : readings()) {
        const auto id = reading.sampler->device();
        if (is_wanted(id)) {
            staying.emplace(id, std::move(reading));
        } else {
            leaving.push_back(std::move(reading));
        }
    }
    end(leaving);
    std::map<std::string, Reading> switched;
    for (const auto& reading : leaving) {
        if (reading.current && is_switched_on(reading, next)) {
            switched.emplace(reading.switcher->setup().device.id, reading);
        } else if (reading.current) {
            reading.current->set(nullptr);
        }
    }
    recorder_.set_origin(next.origin);
    std::vector<Reading> now;
    std::vector<Reading> begun;
    for (const auto& setup : next.devices) {
        const auto& id = tag_of(setup).id;
        if (const auto found = staying.find(id); found != staying.end()) {
            now.push_back(found->second);
            continue;
        }
        const auto before = switched.find(id);
        now.push_back(make(setup, before != switched.end() ? &before->second : nullptr));
        begun.push_back(now.back());
    }
    {
        const std::lock_guard lock(mutex_);
        readings_ = std::move(now);
        options_ = std::move(next);
    }
    next_duty_ = std::min(next_duty_, clock_.steady_now() + duty_period());
    for (const auto& reading : begun) {
        if (auto running = reading.sampler->start(); !running) {
            return running;
        }
        if (reading.current) {
            reading.current->set(reading.sampler);
        }
    }
    return {};
}

/// The same PDU on the same port: at another one may be another.
bool Agent::is_switched_on(const Reading& reading, const AgentOptions& next) const {
    const auto id = reading.switcher->setup().device.id;
    const auto configured_port = [&](const AgentOptions& options) {
        for (const auto& setup : options.devices) {
            if (std::holds_alternative<PduSetup>(setup) && tag_of(setup).id == id) {
                return port_of(setup);
            }
        }
        return std::string();
    };
    const auto port = configured_port(next);
    return !port.empty() && port == configured_port(options());
}

}  // namespace pwlog
