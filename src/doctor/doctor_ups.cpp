// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "base/text_values.h"
#include "base/thread.h"
#include "control/control_protocol.h"
#include "doctor/doctor_steps.h"
#include "sampling/nut_client.h"
#include "terminal/stop_after.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::ups;

Finding failed(const UpsConfig& ups, std::string_view kind, const std::string& message) {
    Finding finding{
        step,
        "ups_unreachable",
        Verdict::fail,
        ups.id,
        message,
        fmt::format("check that upsd runs at {}:{} and LISTENs there (upsd.conf), and that "
                    "no firewall blocks it",
                    ups.host, ups.port)};
    if (kind == "not_found") {
        finding.name = "ups_unknown";
        finding.next =
            fmt::format("correct `ups`: `upsc -l {}:{}` lists those there are", ups.host, ups.port);
    } else if (kind == "denied") {
        finding.name = "ups_denied";
        finding.next = "allow this machine to read from upsd: its access rules are in upsd.conf";
    } else if (kind == "unavailable") {
        finding.name = "ups_stale";
        finding.next =
            "check that the UPS is plugged in; `upsdrvctl start` on the NUT server, and its log";
    } else if (kind == "garbled") {
        finding.name = "ups_garbled";
        finding.next = "something other than upsd may listen there: correct `host` and `port`";
    }
    return finding;
}

Finding from_daemon(const UpsConfig& ups, const DeviceStatus& status, Timestamp now) {
    const auto age = status.last_sample ? now - *status.last_sample : milliseconds(0);
    if (!status.last_error.empty()) {
        return failed(ups, status.last_error_kind, status.last_error);
    }
    if (!status.last_sample) {
        return {step,
                "ups_not_read_yet",
                Verdict::warn,
                ups.id,
                "the daemon has no sample of it yet",
                "wait for an interval, then try again"};
    }
    if (age > 3 * ups.interval + std::chrono::seconds(10)) {
        return {step,
                "ups_old",
                Verdict::fail,
                ups.id,
                fmt::format("the daemon's last sample is {} old", rough_duration(age)),
                "journalctl -u pwlog, then systemctl restart pwlog"};
    }
    return {step, "ups_answers", Verdict::pass, ups.id,
            fmt::format("the daemon's last sample is {} old", rough_duration(age))};
}

/// One list of its variables from the server itself.
Finding ask(const UpsConfig& ups, const std::stop_token& stop) {
    const SystemClock clock;
    const NutPlace place{.host = ups.host, .port = ups.port, .ups = ups.ups};
    const auto variables = ask_nut(place, clock, stop);
    const auto reading = variables ? reading_of(*variables, clock.wall_now())
                                   : Result<UpsReading>(pass_on(variables));
    if (!reading) {
        return failed(ups, error_kind_name(reading.error().kind), reading.error().message);
    }
    return {step, "ups_answers", Verdict::pass, ups.id,
            fmt::format("{} says {}", place.text(), reading->status)};
}

}  // namespace

Findings examine_ups(const Config& config, const DaemonStatus* daemon, Timestamp now) {
    constexpr auto most_time = std::chrono::seconds(8);
    Findings findings(config.ups.size());
    const StopAfter limit(most_time);
    run_at_once("doctor", findings.size(), [&](std::size_t i) {
        const auto& ups = config.ups[i];
        const auto* status = daemon == nullptr ? nullptr : daemon->device(ups.id);
        findings[i] = status != nullptr ? from_daemon(ups, *status, now) : ask(ups, limit.token());
    });
    return findings;
}

}  // namespace pwlog
