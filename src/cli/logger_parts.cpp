// SPDX-License-Identifier: MIT
#include "cli/logger_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "control/spool_access.h"
#include "daemon/agent_options.h"
#include "daemon/section_options.h"
#include "terminal/output.h"

namespace pwlog {

std::optional<int> assemble(const Config& config, LoggerParts& parts, const std::stop_token& stop) {
    auto sender = sender_options(config.elasticsearch);
    if (!sender) {
        return fail_with(sender.error(), ExitCode::usage);
    }
    const BatchLimits limits{sender->limits.documents, sender->limits.bytes};
    auto bulk_sender = BulkSender::open(*sender, parts.clock);
    if (!bulk_sender) {
        return fail_with(bulk_sender.error(), ExitCode::usage);
    }
    constexpr auto patience = std::chrono::seconds(30);
    auto spool = open_spool(config, parts.clock, patience, stop);
    if (!spool && spool.error().kind == ErrorKind::stopped) {
        return status_of(ExitCode::ok);
    }
    if (!spool) {
        return fail_with(spool.error(), spool_exit_code(spool.error()));
    }
    parts.spool = std::move(*spool);
    constexpr auto slow_card = std::chrono::seconds(30);
    ShipperTimes times;
    times.losable = config.spool.flush_interval + slow_card;
    parts.shipper = std::make_unique<Shipper>(*parts.spool, std::move(*bulk_sender), limits,
                                              parts.clock, times);
    parts.relay = std::make_unique<WitnessRelay>(*parts.shipper);
    parts.shipper->set_gathering([relay = parts.relay.get()] { return relay->is_reading(); });
    parts.agent = std::make_unique<Agent>(agent_options(config), *parts.spool, parts.clock);
    parts.agent->set_witness(parts.relay.get());
    return std::nullopt;
}

void tell_of_conflicts(const LoggerParts& parts) {
    std::vector<std::string> devices;
    std::uint64_t documents = 0;
    for (const auto& [device, conflicts] : parts.shipper->status().conflicts) {
        devices.push_back(device);
        documents += conflicts.documents;
    }
    parts.agent->tell_of_conflicts(fmt::format("{}", fmt::join(devices, ", ")),
                                   static_cast<std::int64_t>(documents));
}

}  // namespace pwlog
