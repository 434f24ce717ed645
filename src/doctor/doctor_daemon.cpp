#include <fmt/format.h>

#include "base/clock_sync.h"
#include "base/version.h"
#include "control/control_client.h"
#include "doctor/doctor_steps.h"
#include "document/document.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::daemon;
constexpr auto patience = std::chrono::seconds(3);

Finding unreachable(const std::string& socket, const Error& error) {
    switch (error.kind) {
        case ErrorKind::not_found:
            return {step,
                    "daemon_not_running",
                    Verdict::warn,
                    "",
                    fmt::format("no daemon listens at {}", socket),
                    "systemctl start pwlog; with a timer or cron (`pwlog once`) all is well"};
        case ErrorKind::denied:
            return {step,          "daemon_denied",
                    Verdict::warn, "",
                    error.message, "ask as root, as the daemon's user, or as one of its group"};
        default:
            return {step,
                    "daemon_silent",
                    Verdict::fail,
                    "",
                    fmt::format("something holds {} but does not say how it is: {}", socket,
                                error.message),
                    "journalctl -u pwlog, then systemctl restart pwlog"};
    }
}

/// Devices that the file has and the daemon does not, or the other way round.
std::string difference(const Config& config, const DaemonStatus& status) {
    std::size_t known = 0;
    for (const auto& pdu : config.pdus) {
        if (status.device(pdu.id) == nullptr) {
            return pdu.id;
        }
        ++known;
    }
    for (const auto& ats : config.ats) {
        if (status.device(ats.id) == nullptr) {
            return ats.id;
        }
        ++known;
    }
    return known < status.devices.size() ? "a device that is no longer configured" : "";
}

Findings judge(const Config& config, const DaemonStatus& status) {
    Findings findings;
    if (!status.alive) {
        findings.push_back({step, "daemon_stuck", Verdict::fail, "",
                            fmt::format("process {} answers, but a device's loop has not come "
                                        "round for a minute",
                                        status.pid),
                            "journalctl -u pwlog, then systemctl restart pwlog"});
    }
    if (status.version != version) {
        findings.push_back(
            {step, "daemon_other_version", Verdict::warn, "",
             fmt::format("process {} is pwlog {}, this is {}", status.pid, status.version, version),
             "systemctl restart pwlog"});
    }
    if (const auto device = difference(config, status); !device.empty()) {
        findings.push_back(
            {step, "daemon_old_configuration", Verdict::warn, "",
             fmt::format("process {} was started with another configuration: {} differs",
                         status.pid, device),
             "systemctl restart pwlog"});
    }
    for (const auto& hold : status.shipping.holds) {
        findings.push_back(
            {step, "index_held", Verdict::fail, hold.index,
             fmt::format("takes no documents since {}, {} wait: {}",
                         hold.since ? format_time(*hold.since) : "-", hold.waiting.value_or(0),
                         hold.reason),
             "fix what the reason says; the daemon tries one document every few minutes, and at "
             "once after systemctl reload pwlog"});
    }
    for (const auto& conflict : status.shipping.conflicts) {
        findings.push_back(
            {step, "device_id_conflict", Verdict::fail, conflict.device,
             fmt::format("another logger writes documents of this device.id: {} that it had stored "
                         "first were put aside here, the last at {}",
                         conflict.documents,
                         conflict.last ? format_time(*conflict.last) : std::string("-")),
             "find it (a copied card or configuration; host.name in its documents), give one of "
             "the two another id, then systemctl restart pwlog"});
    }
    if (status.clock == word_of(ClockSync::unknown)) {
        findings.push_back(
            {step, "daemon_clock_unknown", Verdict::warn, "",
             fmt::format("process {} may not ask the kernel whether its clock is synchronised: its "
                         "documents are marked as unsynchronised",
                         status.pid),
             "SystemCallFilter=clock_adjtime adjtimex in the unit, as the one installed has it"});
    }
    if (findings.empty()) {
        findings.push_back({step, "daemon_runs", Verdict::pass, "",
                            fmt::format("pwlog {}, process {}", status.version, status.pid)});
    }
    return findings;
}

}  // namespace

Findings examine_daemon(const Config& config, std::optional<DaemonStatus>& status) {
    const auto path = control_socket_path(config.control_socket);
    auto client = ControlClient::connect(path);
    if (!client) {
        return {unreachable(path.string(), client.error())};
    }
    const auto asked = client->ask(
        {"status", {}},
        [&status](std::string_view json) {
            status = parse_daemon_status(json);
            return Result<void>();
        },
        patience);
    if (!asked || !status) {
        status.reset();
        const Error odd{ErrorKind::garbled, "its answer is no status"};
        return {unreachable(path.string(), asked ? odd : asked.error())};
    }
    return judge(config, *status);
}

}  // namespace pwlog
