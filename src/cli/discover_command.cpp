// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/clock.h"
#include "cli/command_line.h"
#include "device/session.h"
#include "link/link.h"
#include "link/port_names.h"
#include "protocol/query.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

struct DiscoverOptions {
    std::vector<std::string> ports;
    bool all = false;
    const CommonOptions* common = nullptr;
};

/// The ports that were named, each under its lasting name unless the user's own is one; else those
/// of this machine on which one of our devices may hang.
std::vector<FoundPort> ports_to_ask(const DiscoverOptions& options) {
    std::vector<FoundPort> ports;
    for (const auto& name : options.ports) {
        auto port = find_port(name).value_or(FoundPort{});
        if (!is_passing_name(name)) {
            port.name = name;
            port.lasting = true;
        } else if (port.name.empty()) {
            port.name = name;
        }
        ports.push_back(std::move(port));
    }
    if (!ports.empty()) {
        return ports;
    }
    for (auto& port : find_ports()) {
        if (port.reserve.empty() || options.all) {
            ports.push_back(std::move(port));
        } else {
            print_problem(
                fmt::format("{}: left alone: {}; --all asks it too", port.node, port.reserve));
        }
    }
    return ports;
}

/// Asks QPI, and nothing else: what is not ours is left as it was. PI90, PI97, or the error.
Result<std::string> ask_identity(const std::string& port) {
    constexpr int most_questions = 2;  // a server on the network may still be with its last caller
    const SystemClock clock;
    PortOptions options;
    options.name = port;
    const auto open = [&](const std::stop_token& stop) { return open_link(options, stop); };
    Session session(open, "", {}, clock);
    auto connected = session.connect({});
    for (int asked = 1;
         !connected && connected.error().kind == ErrorKind::timeout && asked < most_questions;
         ++asked) {
        connected = session.connect({});
    }
    return connected ? Result<std::string>(session.identity()) : pass_on(connected);
}

/// What is printed of the devices that answered.
struct FoundDevices {
    std::string sections;
    std::string rules;
    int pdus = 0;
    int switches = 0;
};

void add_device(const FoundPort& port, bool is_pdu, FoundDevices& findings) {
    const auto id =
        is_pdu ? fmt::format("pdu{}", ++findings.pdus) : fmt::format("ats{}", ++findings.switches);
    findings.sections += fmt::format("\n[[{}]]\nid = \"{}\"\n", is_pdu ? "pdu" : "ats", id);
    if (!port.lasting) {
        findings.sections +=
            "# This name passes: after a start it may be another device's. A rule below makes one "
            "that stays.\n";
    }
    findings.sections += fmt::format("port = \"{}\"\n", port.name);
    if (is_pdu) {
        findings.sections +=
            "outlets = [\"\", \"\", \"\", \"\", \"\", \"\", \"\", \"\"]    # their names\n";
    }
    if (!port.udev_match.empty()) {
        findings.rules += fmt::format("# {}, SYMLINK+=\"{}\"\n", port.udev_match, id);
    }
}

/// The devices' sections alone where they go to the end of a configuration; where there is none,
/// or the shell has just emptied it, a whole one.
void print_found(const FoundDevices& findings, const std::filesystem::path& config_file) {
    std::error_code absent;
    const auto size = std::filesystem::file_size(config_file, absent);
    std::string text =
        "# Written by `pwlog discover`. The ids become device.id: choose them now, never change "
        "them.\n";
    if (absent || size == 0) {
        text +=
            "interval = \"10s\"\n\n[elasticsearch]\nhosts = [\"https://localhost:9200\"]\n"
            "api_key_file = \"/etc/pwlog/api_key\"\n";
    }
    text += findings.sections;
    if (!findings.rules.empty()) {
        text +=
            "\n# Names of your own, each for what is plugged into one USB socket: these lines in\n"
            "# /etc/udev/rules.d/70-local.rules, `udevadm control --reload && udevadm trigger`, "
            "then port = \"/dev/…\".\n" +
            findings.rules;
    }
    print(text);
}

int run_discover(const DiscoverOptions& options) {
    const auto ports = ports_to_ask(options);
    FoundDevices findings;
    for (const auto& port : ports) {
        auto identity = ask_identity(port.name);
        if (!identity) {
            print_problem(identity.error().message);  // it names the port
            continue;
        }
        const bool is_pdu = *identity == pdu::protocol_id;
        print_problem(fmt::format("{}: {}", port.name, is_pdu ? "a PDU" : "an ATS"));
        add_device(port, is_pdu, findings);
    }
    if (findings.sections.empty()) {
        print_problem(ports.empty()
                          ? "no port here that one of the devices may be connected to; is the "
                            "adapter plugged in?"
                          : "no PDU and no ATS answered");
        return status_of(ExitCode::device);
    }
    print_found(findings, options.common->config_file);
    return status_of(ExitCode::ok);
}

}  // namespace

void setup_discover(CommandLine& line) {
    const auto [command, options] =
        line.add("discover", "Find the ports with a PDU or an ATS; prints a configuration",
                 "pwlog discover > pwlog.toml", run_discover);
    add_value(command, "port PORT", options.ports,
              "Only these ports, such as /dev/ttyUSB0 or tcp://host:2001; otherwise the "
              "board's UARTs, USB serial adapters and known bridges");
    command.add_flag("--all", options.all,
                     "Try all other ports too: sends QPI to modems, keyboards, security keys");
}

}  // namespace pwlog
