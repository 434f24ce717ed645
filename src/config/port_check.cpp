// SPDX-License-Identifier: MIT
#include "config/port_check.h"

#include <fmt/format.h>

#include <map>

#include "link/port_names.h"
#include "link/tcp_link.h"

namespace pwlog {
namespace {

using Kind = PortProblem::Kind;

/// A name that leads to another device tomorrow stores wrong history and switches the wrong outlet.
void check_lasting(const std::string& id, const std::string& name,
                   std::vector<PortProblem>& problems) {
    const auto port = find_port(name);
    const bool is_shared_id = port && port->has_twin && name.find("/by-id/") != std::string::npos;
    if (!is_passing_name(name) && !is_shared_id) {
        return;
    }
    const auto message = is_shared_id
                             ? fmt::format(
                                   "{}: two adapters here share this name, as they have no serial "
                                   "number; it leads to the one plugged in last",
                                   name)
                             : fmt::format(
                                   "{}: the kernel gives this name to whichever device it finds "
                                   "first; after the next boot it may be another device",
                                   name);
    problems.push_back({is_shared_id ? Kind::twin : Kind::passing, id, message,
                        port && port->lasting && port->name != name
                            ? fmt::format("write port = \"{}\"", port->name)
                            : "install the udev rule 60-pwlog.rules and plug the adapter in "
                              "again; `pwlog discover` then prints a stable name"});
}

}  // namespace

std::vector<PortProblem> check_port_names(const Config& config) {
    std::vector<PortProblem> problems;
    std::map<std::string, const DeviceConfig*> used;  // by what the name leads to
    const auto check = [&](const DeviceConfig& device) {
        const auto& name = device.port.name;
        if (is_tcp_name(name)) {
            return;  // the same place twice is refused when the file is read
        }
        check_lasting(device.id, name, problems);
        std::error_code absent;
        const auto node = std::filesystem::canonical(name, absent).string();
        if (absent) {
            return;
        }
        const auto [first, is_new] = used.emplace(node, &device);
        if (!is_new) {
            problems.push_back(
                {Kind::shared, device.id,
                 fmt::format("{} and the port of {}, {}, are one: both lead to {}", name,
                             first->second->id, first->second->port.name, node),
                 "give each device its own port: `pwlog discover` lists those that answer"});
        }
    };
    for (const auto& pdu : config.pdus) {
        check(pdu);
    }
    for (const auto& ats : config.ats) {
        check(ats);
    }
    return problems;
}

}  // namespace pwlog
