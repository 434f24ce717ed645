// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>

#include "base/clock_sync.h"
#include "base/version.h"
#include "control/control_client.h"
#include "control/control_socket.h"
#include "daemon/reload.h"
#include "doctor/doctor_steps.h"
#include "document/document.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::daemon;
constexpr auto patience = std::chrono::seconds(3);

/// Why a daemon would not start; nothing where it would. The folder of the socket that is not
/// configured is the service manager's to make.
std::optional<Finding> no_start(const std::string& socket, bool configured) {
    const auto fine = ControlSocket::check(socket);
    if (fine || (!configured && fine.error().kind == ErrorKind::denied)) {
        return std::nullopt;
    }
    return Finding{step,
                   "control_socket_unusable",
                   Verdict::fail,
                   socket,
                   fine.error().message,
                   fine.error().kind == ErrorKind::busy
                       ? "it may be starting or stopping: try again; journalctl -u pwlog shows more"
                       : "give the user who runs pwlog write access to its folder, or name another "
                         "control_socket"};
}

Finding unreachable(const std::string& socket, const Error& error, bool configured) {
    switch (error.kind) {
        case ErrorKind::not_found:
            if (auto refusal = no_start(socket, configured)) {
                return *std::move(refusal);
            }
            return {step,
                    "daemon_not_running",
                    Verdict::warn,
                    "",
                    fmt::format("no daemon listens at {}", socket),
                    "systemctl start pwlog; not needed with a timer or cron (`pwlog once`)"};
        case ErrorKind::denied:
            return {step,
                    "daemon_denied",
                    Verdict::warn,
                    "",
                    fmt::format("this user may not ask the daemon at {}", socket),
                    "use sudo, or join the group pwlog and log in again"};
        default:
            return {step,
                    "daemon_silent",
                    Verdict::fail,
                    "",
                    fmt::format("something listens at {} but does not answer: {}", socket,
                                error.message),
                    "journalctl -u pwlog, then systemctl restart pwlog"};
    }
}

/// What differs between the file and what the daemon has in force: what a restart would change, or
/// where nothing else does, what a reload would.
std::vector<std::string> differences(const Config& config, const DaemonStatus& status,
                                     bool of_reload) {
    if (status.configuration.empty()) {  // another version's does not say
        return {};
    }
    std::vector<std::string> keys;
    for (const auto& key : changed_marks(config.marks, status.configuration)) {
        if (is_reloaded(key) == of_reload) {
            keys.push_back(key);
        }
    }
    return keys;
}

void judge_configuration(const Config& config, const DaemonStatus& status, Findings& findings) {
    for (const bool of_reload : {false, true}) {
        if (const auto keys = differences(config, status, of_reload); !keys.empty()) {
            findings.push_back(
                {step, "daemon_old_configuration", Verdict::warn, "",
                 fmt::format("process {} does not have the file's configuration: {} {}", status.pid,
                             fmt::join(keys, ", "), keys.size() == 1 ? "differs" : "differ"),
                 of_reload ? "pwlog reload" : "systemctl restart pwlog"});
        }
    }
}

Findings judge(const Config& config, const DaemonStatus& status) {
    Findings findings;
    if (!status.alive) {
        findings.push_back({step, "daemon_stuck", Verdict::fail, "",
                            fmt::format("process {} answers, but a device's thread has not "
                                        "responded for a minute",
                                        status.pid),
                            "journalctl -u pwlog, then systemctl restart pwlog"});
    }
    if (status.version != version) {
        findings.push_back(
            {step, "daemon_other_version", Verdict::warn, "",
             fmt::format("process {} is pwlog {}, this is {}", status.pid, status.version, version),
             "systemctl restart pwlog"});
    }
    judge_configuration(config, status, findings);
    for (const auto& hold : status.shipping.holds) {
        findings.push_back(
            {step, "index_held", Verdict::fail, hold.index,
             fmt::format("accepts no documents since {}, {} waiting: {}",
                         hold.since ? format_time(*hold.since) : "-", hold.waiting.value_or(0),
                         hold.reason),
             "fix what the reason says; the daemon tries one document every few minutes, and at "
             "once after systemctl reload pwlog"});
    }
    for (const auto& conflict : status.shipping.conflicts) {
        findings.push_back(
            {step, "device_id_conflict", Verdict::fail, conflict.device,
             fmt::format(
                 "another logger writes documents with this device.id: {} that it had stored "
                 "first are among the rejects here, the last at {}",
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
             "SystemCallFilter=clock_adjtime adjtimex in the unit, as in the installed one"});
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
    const bool configured = !config.control_socket.empty();
    auto client = ControlClient::connect(path);
    if (!client) {
        return {unreachable(path.string(), client.error(), configured)};
    }
    auto asked = ask_status(*client, patience);
    if (!asked) {
        status.reset();
        return {unreachable(path.string(), asked.error(), configured)};
    }
    status = std::move(*asked);
    return judge(config, *status);
}

}  // namespace pwlog
