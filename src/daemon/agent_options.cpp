// SPDX-License-Identifier: MIT
#include "daemon/agent_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/version.h"

namespace pwlog {
namespace {

std::string machine_name() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) {
        return "localhost";
    }
    return name.data();
}

std::string outlets_text(const pdu::SwitchPermit& permit) {
    const auto outlets = permit.outlets();
    return outlets.empty() ? "none" : fmt::format("{}", fmt::join(outlets, ", "));
}

template <class Setup>
Setup device_setup(const DeviceConfig& config, std::string model) {
    Setup setup;
    setup.port = config.port;
    setup.session = config.session;
    setup.sampler.interval = config.interval;
    setup.sampler.fast_interval = config.fast_interval;
    setup.context.device = {config.id, std::move(model), config.name};
    return setup;
}

}  // namespace

pdu::SwitchPermit switch_permit(const PduConfig& config) {
    // The configuration was checked: only a bug brings another outlet here, and then none is meant.
    return pdu::SwitchPermit::of(config.switchable).value_or(pdu::SwitchPermit());
}

PduSetup pdu_setup(const PduConfig& config) {
    auto setup = device_setup<PduSetup>(config, {});
    setup.context.outlet_names = config.outlets;
    setup.context.tariff = config.tariff;
    setup.switchable = switch_permit(config);
    setup.switch_limit = config.switch_limit;
    return setup;
}

AtsSetup ats_setup(const AtsConfig& config) {
    auto setup = device_setup<AtsSetup>(config, "ATS");  // it has no query for its model
    setup.with_capsule = config.capsule;
    return setup;
}

UpsSetup ups_setup(const UpsConfig& config) {
    UpsSetup setup;
    setup.place.host = config.host;
    setup.place.port = config.port;
    setup.place.ups = config.ups;
    setup.sampler.interval = config.interval;
    setup.device = {config.id, "", config.name};
    return setup;
}

std::string agent_host_name(const Config& config) {
    return config.host_name.empty() ? machine_name() : config.host_name;
}

void renew_permits(const Config& config, Agent& agent) {
    const auto options = agent.options();
    for (const auto& setup : options.devices) {
        const auto& id = tag_of(setup).id;
        const auto switcher = agent.switcher(id);
        if (!switcher) {
            continue;
        }
        const auto found = std::find_if(config.pdus.begin(), config.pdus.end(),
                                        [&](const auto& pdu) { return pdu.id == id; });
        const auto permit =
            found == config.pdus.end() ? pdu::SwitchPermit() : switch_permit(*found);
        if (permit != switcher->permit()) {
            spdlog::warn("{}: outlets that may be switched: {}; before: {}", id,
                         outlets_text(permit), outlets_text(switcher->permit()));
            switcher->set_permit(permit);
        }
    }
}

AgentOptions agent_options(const Config& config) {
    AgentOptions options;
    options.origin.host_name = agent_host_name(config);
    options.origin.agent_version = version;
    options.origin.labels = config.labels;
    options.logger_interval = config.logger_interval;
    const auto add = [&](auto setup) {
        setup.sampler.clock_wait = config.clock_wait;
        options.devices.emplace_back(std::move(setup));
    };
    std::for_each(config.pdus.begin(), config.pdus.end(),
                  [&](const auto& pdu) { add(pdu_setup(pdu)); });
    std::for_each(config.ats.begin(), config.ats.end(),
                  [&](const auto& ats) { add(ats_setup(ats)); });
    std::for_each(config.ups.begin(), config.ups.end(),
                  [&](const auto& ups) { add(ups_setup(ups)); });
    return options;
}

}  // namespace pwlog
