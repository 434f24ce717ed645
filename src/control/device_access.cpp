// SPDX-License-Identifier: MIT
#include "control/device_access.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "base/parse_number.h"
#include "control/device_access_kinds.h"
#include "control/device_replies.h"
#include "terminal/logging.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

namespace fs = std::filesystem;

/// A device as the configuration has it, ready to be opened.
DirectDevice as_direct(const PduConfig& pdu, const Config& config) {
    return {{DeviceKind::pdu, pdu.id, pdu.name, pdu.outlets, pdu.switchable},
            pdu.port,
            pdu.session,
            config};
}

DirectDevice as_direct(const AtsConfig& ats, const Config& config) {
    return {{DeviceKind::ats, ats.id, ats.name}, ats.port, ats.session, config};
}

std::vector<DirectDevice> devices_of(const Config& config) {
    std::vector<DirectDevice> devices;
    devices.reserve(config.pdus.size() + config.ats.size());
    for (const auto& pdu : config.pdus) {
        devices.push_back(as_direct(pdu, config));
    }
    for (const auto& ats : config.ats) {
        devices.push_back(as_direct(ats, config));
    }
    return devices;
}

bool is_same_port(const std::string& one, const std::string& other) {
    std::error_code unknown;
    return one == other || fs::equivalent(one, other, unknown);
}

/// What the daemon at this socket has; nothing where none runs.
Result<std::vector<ListedDevice>> listed_by(ControlClient& daemon) {
    std::vector<ListedDevice> listed;
    auto asked = daemon.ask({std::string(device_request::devices), {}},
                            [&](std::string_view json) -> Result<void> {
                                auto device = decode_listed(json);
                                if (!device) {
                                    return pass_on(device);
                                }
                                listed.push_back(*std::move(device));
                                return {};
                            });
    return asked ? Result<std::vector<ListedDevice>>(std::move(listed)) : pass_on(asked);
}

/// Through the daemon at `socket` if it has the device, else by its port.
OpenedDevice open_access(DirectDevice device, const fs::path& socket, const std::stop_token& stop) {
    auto daemon = ControlClient::connect(control_socket_path(socket), stop);
    if (!daemon && daemon.error().kind != ErrorKind::not_found) {
        return pass_on(daemon);
    }
    if (daemon) {
        const auto listed = listed_by(*daemon);
        if (!listed) {
            return pass_on(listed);
        }
        for (const auto& other : *listed) {
            const bool is_it = device.config ? other.id == device.facts.id
                                             : is_same_port(other.port, device.port.name);
            if (is_it && device.config && !is_same_port(other.port, device.port.name)) {
                return fail(ErrorKind::invalid,
                            fmt::format("the daemon runs with an older configuration, in which {} "
                                        "is at {} and not at {}: systemctl reload pwlog",
                                        other.id, other.port, device.port.name));
            }
            if (is_it && other.kind == device.facts.kind) {
                device.facts.id = other.id;
                if (!device.config) {
                    device.facts.switchable = other.switchable;
                } else {
                    device.facts.in_force = other.switchable;
                }
                return make_daemon_access(std::move(device.facts), *std::move(daemon));
            }
        }
    }
    return make_direct_access(std::move(device), stop);
}

Result<DirectDevice> choose(DeviceKind kind, const std::string& id, const Config& config) {
    std::vector<DirectDevice> fitting;
    std::vector<std::string> ids;
    for (auto& device : devices_of(config)) {
        if (device.facts.kind == kind) {
            ids.push_back(device.facts.id);
            if (id.empty() || id == device.facts.id) {
                fitting.push_back(std::move(device));
            }
        }
    }
    const std::string_view section = to_keyword(kind);
    if (ids.empty()) {
        return fail(ErrorKind::invalid, fmt::format("{} has no [[{}]]: `--port PATH` asks a port",
                                                    config.file.string(), section));
    }
    if (fitting.empty()) {
        return fail(ErrorKind::invalid, fmt::format("there is no [[{}]] \"{}\": {}", section, id,
                                                    fmt::join(ids, ", ")));
    }
    if (fitting.size() > 1) {
        return fail(ErrorKind::invalid,
                    fmt::format("which one? `--device` {}", fmt::join(ids, ", ")));
    }
    return std::move(fitting.front());
}

/// A port: of the configuration's device, if there is one with it, else with nothing known.
OpenedDevice open_port(DeviceKind kind, const DeviceChoice& choice, const std::stop_token& stop) {
    const auto config = load_config(choice.common->config_file);
    if (config) {
        for (auto& device : devices_of(*config)) {
            if (device.facts.kind == kind && is_same_port(device.port.name, choice.port)) {
                return open_access(std::move(device), config->control_socket, stop);
            }
        }
    }
    DirectDevice bare;
    bare.facts.kind = kind;
    bare.facts.id = bare.facts.name = choice.port;
    bare.port.name = choice.port;
    if (!choice.report_number.empty()) {
        read_report_number(choice.report_number, bare.port.report_number);
    }
    return open_access(std::move(bare), config ? config->control_socket : fs::path(), stop);
}

Result<Config> quiet_config(const CommonOptions& common) {
    auto config = load_config(common.config_file);
    if (!config && config.error().kind == ErrorKind::not_found) {
        return fail(ErrorKind::invalid,
                    config.error().message + "\n`--port PATH` asks a port without a configuration");
    }
    return config;
}

/// What commands have to say they print; the log is for what goes wrong inside.
void log_errors_only(const CommonOptions& common) {
    set_up_logging(common.log_level.value_or(LogLevel::error));
}

}  // namespace

bool read_report_number(std::string_view text, std::optional<std::uint8_t>& report_number) {
    report_number = parse_number<std::uint8_t>(text);
    return report_number || text == "none";
}

SwitchReport DeviceAccess::report_on(const SwitchOrder& order) const {
    SwitchReport report;
    report.request.device = {facts_.id, "", facts_.name};
    report.request.command = to_word(order.action);
    if (!order.outlet.is_all()) {
        const auto index = static_cast<std::size_t>(order.outlet.outlet() - 1);
        report.request.outlet = OutletTag{order.outlet.outlet(), facts_.outlet_names.at(index)};
    }
    return report;
}

SwitchReport DeviceAccess::refused(const SwitchOrder& order, const Error& error) const {
    auto report = report_on(order);
    report.request.outcome = SwitchRequest::Outcome::refused;
    report.request.reason = error.message;
    report.error = error;
    return report;
}

Result<void> DeviceAccess::check(const SwitchOrder& order) const {
    const auto permit = pdu::SwitchPermit::of(facts_.switchable);
    auto allowed = permit ? check_switch(order, *permit) : pass_on(permit);
    if (!allowed || !facts_.in_force) {
        return allowed;
    }
    const auto in_force = pdu::SwitchPermit::of(*facts_.in_force);
    if (in_force && check_switch(order, *in_force)) {
        return {};
    }
    return fail(ErrorKind::denied,
                "the daemon runs with an older configuration, which does not allow this: "
                "systemctl reload pwlog");
}

Result<SwitchReport> DeviceAccess::carry_out(const SwitchOrder& order, const Ask& ask,
                                             const Switcher::Watcher& watcher) {
    if (const auto allowed = check(order); !allowed) {
        if (const auto noted = note_refusal(order, allowed.error().message); !noted) {
            return pass_on(noted);
        }
        return refused(order, allowed.error());
    }
    if (const auto wanted = ask(); !wanted) {
        return fail(ErrorKind::invalid, wanted.error().message);
    }
    return switch_outlets(order, watcher);
}

Result<SwitchReport> DeviceAccess::rehearse(const SwitchOrder& order) {
    const auto allowed = check(order);
    return allowed ? plan(order) : refused(order, allowed.error());
}

OpenedDevice open_device(DeviceKind kind, const DeviceChoice& choice, const std::stop_token& stop) {
    log_errors_only(*choice.common);
    if (!choice.port.empty()) {
        return open_port(kind, choice, stop);
    }
    const auto config = quiet_config(*choice.common);
    if (!config) {
        return fail(ErrorKind::invalid, config.error().message);
    }
    auto device = choose(kind, choice.device, *config);
    return device ? open_access(*std::move(device), config->control_socket, stop)
                  : OpenedDevice(pass_on(device));
}

Result<std::vector<ConfiguredDevice>> all_devices(const CommonOptions& common,
                                                  const std::stop_token& stop) {
    log_errors_only(common);
    const auto config = load_config(common.config_file);
    if (!config) {
        return fail(ErrorKind::invalid, config.error().message);
    }
    std::vector<ConfiguredDevice> devices;
    for (auto& device : devices_of(*config)) {
        const DeviceFacts facts = device.facts;
        devices.push_back({facts, [device = std::move(device), socket = config->control_socket,
                                   stop] { return open_access(device, socket, stop); }});
    }
    return devices;
}

ExitCode device_trouble(const Error& error) {
    return error.kind == ErrorKind::invalid ? ExitCode::usage : ExitCode::device;
}

int fail_at_device(const Error& error, std::optional<ExitCode> code) {
    print_problem(error.message);
    return status_of(code.value_or(device_trouble(error)));
}

ExitCode unbegun_exit_code(const Error& error) {
    switch (error.kind) {
        case ErrorKind::invalid:
            return ExitCode::usage;
        case ErrorKind::busy:
            return ExitCode::busy;
        case ErrorKind::stopped:
        case ErrorKind::gone:
        case ErrorKind::timeout:
            return ExitCode::device;
        default:
            return ExitCode::failure;
    }
}

ExitCode switch_exit_code(const SwitchReport& report) {
    if (!report.error) {
        return ExitCode::ok;
    }
    const bool refused = report.request.outcome == SwitchRequest::Outcome::refused;
    return !refused                                ? ExitCode::device
           : report.error->kind == ErrorKind::busy ? ExitCode::failure
                                                   : ExitCode::usage;
}

}  // namespace pwlog
