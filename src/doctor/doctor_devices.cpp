// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/text_values.h"
#include "base/thread.h"
#include "config/port_check.h"
#include "config/wire_time.h"
#include "control/control_protocol.h"
#include "device/session.h"
#include "doctor/doctor_steps.h"
#include "protocol/query.h"
#include "terminal/stop_after.h"

namespace pwlog {

namespace {

using std::chrono::seconds;

/// All ports are asked at once; a dead one takes four tries of QPI, 3 s at the default timeout.
constexpr auto most_time = seconds(12);

/// A device of either kind, as far as the doctor cares.
struct Patient {
    const DeviceConfig* config;
    std::string_view protocol_id;
    std::string_view kind;
    Cycle cycle;
};

std::vector<Patient> patients(const Config& config) {
    std::vector<Patient> all;
    all.reserve(config.pdus.size() + config.ats.size());
    for (const auto& pdu : config.pdus) {
        all.push_back({&pdu, pdu::protocol_id, "a PDU", Cycle::pdu_full});
    }
    for (const auto& ats : config.ats) {
        all.push_back({&ats, ats::protocol_id, "an ATS", Cycle::ats});
    }
    return all;
}

Finding port_fails(const std::string& device, std::string_view kind, const std::string& message) {
    Finding finding{DoctorStep::ports,
                    "port_broken",
                    Verdict::fail,
                    device,
                    message,
                    "unplug the adapter and plug it in again; dmesg shows what the kernel says"};
    if (kind == "not_found" || kind == "gone") {
        finding.name = "port_missing";
        finding.next = "plug it in or switch its server on, or correct `port` in the configuration";
    } else if (kind == "denied") {
        finding.name = "port_denied";
        finding.next = "add this user to the port's group (usually dialout) and log in again";
    } else if (kind == "busy") {
        finding.name = "port_busy";
        finding.next = "stop the other program: only one can use a port";
    } else if (kind == "invalid") {
        finding.name = "port_not_a_device";
        finding.next = "correct `port`: `pwlog discover` lists the ports that answer";
    }
    return finding;
}

Finding device_fails(const std::string& device, std::string_view kind, const std::string& message) {
    Finding finding{DoctorStep::devices,
                    "device_unreachable",
                    Verdict::fail,
                    device,
                    message,
                    "journalctl -u pwlog shows since when"};
    if (kind == "timeout" || kind == "stopped") {
        finding.name = "device_silent";
        finding.next = "check that it is switched on, has its own cable, and is on this port";
    } else if (kind == "garbled" || kind == "refused") {
        finding.name = "device_garbled";
        finding.next = "another device may be on this port, or another program may be using it";
    } else if (kind == "wrong_device") {
        finding.name = "device_wrong_kind";
        finding.next = "swap the ports, or [[pdu]] and [[ats]], in the configuration";
    }
    return finding;
}

bool is_of_port(std::string_view kind) {
    return kind == "not_found" || kind == "gone" || kind == "denied" || kind == "busy" ||
           kind == "invalid" || kind == "io";
}

Findings from_daemon(const Patient& patient, const DeviceStatus& status, std::int64_t pid,
                     Timestamp now) {
    const std::string& id = patient.config->id;
    if (!status.reachable && is_of_port(status.last_error_kind)) {
        return {port_fails(id, status.last_error_kind, status.last_error)};
    }
    Findings findings{
        {DoctorStep::ports, "port_held_by_daemon", Verdict::pass, id,
         fmt::format("{} is held by the daemon, process {}", patient.config->port.name, pid)}};
    const auto age = status.last_sample ? now - *status.last_sample : milliseconds(0);
    if (!status.reachable && !status.last_error.empty()) {
        findings.push_back(device_fails(id, status.last_error_kind, status.last_error));
    } else if (!status.last_sample) {
        findings.push_back({DoctorStep::devices, "device_not_read_yet", Verdict::warn, id,
                            "the daemon has no sample of it yet",
                            "wait for an interval, then try again"});
    } else if (age > 3 * patient.config->interval + seconds(5)) {
        findings.push_back({DoctorStep::devices, "device_stale", Verdict::fail, id,
                            fmt::format("the daemon's last sample is {} old", rough_duration(age)),
                            "journalctl -u pwlog, then systemctl restart pwlog"});
    } else {
        findings.push_back(
            {DoctorStep::devices, "device_answers", Verdict::pass, id,
             fmt::format("{}, last sample {} ago", patient.kind, rough_duration(age))});
    }
    return findings;
}

/// QPI at the port itself, and nothing else.
Findings ask(const Patient& patient, const std::stop_token& stop) {
    const SystemClock clock;
    const std::string& id = patient.config->id;
    const auto began = clock.steady_now();
    const auto open = [&](const std::stop_token& asked) {
        return open_link(patient.config->port, asked);
    };
    Session session(open, patient.protocol_id, patient.config->session, clock);
    const auto connected = session.connect(stop);
    const auto took = std::chrono::duration_cast<milliseconds>(clock.steady_now() - began);
    const auto kind = connected ? std::string_view() : error_kind_name(connected.error().kind);
    if (session.counters().opens == 0) {
        return {port_fails(id, kind, connected.error().message),
                not_judged(DoctorStep::devices, id + ": its port cannot be opened")};
    }
    Findings findings{{DoctorStep::ports, "port_opens", Verdict::pass, id,
                       patient.config->port.name + " opens, and no other program has it"}};
    if (connected) {
        findings.push_back({DoctorStep::devices, "device_answers", Verdict::pass, id,
                            fmt::format("{} ({}), within {} ms", patient.kind, patient.protocol_id,
                                        took.count())});
    } else {
        findings.push_back(device_fails(id, kind, connected.error().message));
    }
    return findings;
}

/// A port that is busy because the daemon, started with another configuration, has it.
void excuse_daemon(std::int64_t pid, Findings& findings) {
    for (auto& finding : findings) {
        if (finding.name == "port_busy" &&
            finding.message.find(fmt::format("pid {} ", pid)) != std::string::npos) {
            finding = not_judged(
                DoctorStep::ports,
                fmt::format("{}: the daemon uses its port for another id", finding.subject));
        }
    }
}

/// What a port's name is worth tomorrow; a device whose port is another's fails here for good.
Findings port_names(const Config& config) {
    Findings findings;
    for (const auto& problem : check_port_names(config)) {
        const bool is_shared = problem.kind == PortProblem::Kind::shared;
        const auto* const name = is_shared                                 ? "port_shared"
                                 : problem.kind == PortProblem::Kind::twin ? "port_name_twin"
                                                                           : "port_name_passing";
        findings.push_back({DoctorStep::ports, name, is_shared ? Verdict::fail : Verdict::warn,
                            problem.device, problem.message, problem.next});
    }
    return findings;
}

/// Its two names make it busy, and nobody else has it.
bool is_shared(const Findings& names, const std::string& device) {
    return std::any_of(names.begin(), names.end(), [&](const Finding& finding) {
        return finding.name == "port_shared" && finding.subject == device;
    });
}

}  // namespace

Findings examine_devices(const Config& config, const DaemonStatus* daemon, Timestamp now) {
    const auto all = patients(config);
    std::vector<Findings> found(all.size());
    const auto names = port_names(config);
    {
        const StopAfter limit(most_time);
        std::vector<std::size_t> asked;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const auto* status = daemon == nullptr ? nullptr : daemon->device(all[i].config->id);
            if (is_shared(names, all[i].config->id)) {
                found[i] = {not_judged(
                    DoctorStep::devices,
                    all[i].config->id + ": its port is also configured for another device")};
            } else if (status != nullptr) {
                found[i] = from_daemon(all[i], *status, daemon->pid, now);
            } else {
                asked.push_back(i);
            }
        }
        run_at_once("doctor", asked.size(), [&](std::size_t i) {
            auto& findings = found[asked[i]];
            findings = ask(all[asked[i]], limit.token());
            excuse_daemon(daemon == nullptr ? 0 : daemon->pid, findings);
        });
    }
    Findings findings = names;
    for (const auto step : {DoctorStep::ports, DoctorStep::devices}) {
        for (const auto& of_one : found) {
            std::copy_if(of_one.begin(), of_one.end(), std::back_inserter(findings),
                         [step](const Finding& finding) { return finding.step == step; });
        }
    }
    return findings;
}

Findings examine_wire_time(const Config& config, const DaemonStatus* daemon) {
    constexpr int tight_percent = 80;
    constexpr std::int64_t few_cycles = 20;
    Findings findings;
    for (const auto& patient : patients(config)) {
        const auto& device = *patient.config;
        const auto busy = shortest_interval(patient.cycle, device.session.query_gap);
        const auto percent =
            100 * busy.count() / std::max<std::int64_t>(1, device.interval.count());
        const auto text = fmt::format("a cycle takes {} of its {} ms ({} %)", busy.count(),
                                      device.interval.count(), percent);
        const auto* status = daemon == nullptr ? nullptr : daemon->device(device.id);
        if (status != nullptr && status->cycles > few_cycles &&
            status->late * 20 > status->cycles) {
            findings.push_back({DoctorStep::wire_time, "cycles_late", Verdict::warn, device.id,
                                fmt::format("{} cycles were late and skipped, {} were not",
                                            status->late, status->cycles),
                                "make the interval longer"});
        } else if (percent > tight_percent) {
            findings.push_back({DoctorStep::wire_time, "wire_time_tight", Verdict::warn, device.id,
                                text,
                                "make the interval longer: there is no time to repeat a query"});
        } else {
            findings.push_back(
                {DoctorStep::wire_time, "wire_time_fits", Verdict::pass, device.id, text});
        }
    }
    return findings;
}

}  // namespace pwlog
