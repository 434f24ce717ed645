// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/text_values.h"
#include "cli/command_line.h"
#include "cli/logger_parts.h"
#include "daemon/signals.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

struct OnceOptions {
    const CommonOptions* common = nullptr;
};

ExitCode device_exit_code(const std::vector<Agent::Failure>& failures) {
    return failures.empty() ? ExitCode::ok : ExitCode::device;
}

ExitCode shipping_exit_code(const DrainResult& drained) {
    if (drained.last != NextStep::go_on || drained.held) {
        return drained.templates_missing ? ExitCode::templates : ExitCode::server;
    }
    return drained.rejected == 0 ? ExitCode::ok : ExitCode::incomplete;
}

int run_once_command(const OnceOptions& options) {
    const StopOnSignal stopper;
    constexpr auto patience = std::chrono::seconds(30);
    const auto config = read_config(*options.common);
    if (!config) {
        return status_of(ExitCode::usage);
    }
    if (!options.common->log_level) {
        spdlog::set_level(spdlog::level::critical);  // what failed is said once, below
    }
    LoggerParts parts;
    if (const auto status = assemble(*config, parts, stopper.token())) {
        return *status;
    }
    OnceParts outcome;
    const auto failures = parts.agent->read_once(stopper.token());
    for (const auto& failure : failures) {
        print_problem(fmt::format("{}: {}", failure.device, failure.error.message));
    }
    outcome.devices = device_exit_code(failures);
    if (auto flushed = parts.spool->flush(); !flushed) {
        print_problem(flushed.error().message);
        outcome.spool = ExitCode::spool;
    }
    const auto drained = parts.shipper->drain(parts.clock.steady_now() + patience, stopper.token());
    tell_of_conflicts(parts);
    if (!drained.problem.empty()) {
        const auto waiting = static_cast<std::uint64_t>(parts.spool->info().pending_documents);
        print_problem(fmt::format("{}; waiting in the spool: {}", drained.problem,
                                  counted(waiting, "document")));
    }
    if (drained.rejected > 0) {
        print_problem(fmt::format("Elasticsearch refused {}: `pwlog spool rejects` says why",
                                  counted(drained.rejected, "document")));
    }
    outcome.shipping = shipping_exit_code(drained);
    return once_exit_status(outcome);
}

}  // namespace

void setup_once(CommandLine& line) {
    line.add("once", "Read every device once, ship what is pending, and exit: for cron or a timer",
             "pwlog once --config /etc/pwlog/pwlog.toml", run_once_command);
}

}  // namespace pwlog
