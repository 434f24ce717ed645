// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pwlog {

/// Where ports are looked for; tests have a tree of their own.
struct PortTree {
    std::filesystem::path dev = "/dev";
    std::filesystem::path sys = "/sys";
};

/// A port of this machine, whatever hangs on it.
struct FoundPort {
    /// The name to write down. It stays with the adapter (by-id, where that has a serial number
    /// that no other one shares) or with its USB socket (by-path), where udev made such a name.
    std::string name;
    std::string node;  ///< the kernel's name: /dev/ttyUSB0
    bool lasting = false;
    bool has_twin =
        false;  ///< another adapter here is the same in all but its socket: one by-id name
    /// Why nothing is sent there unless asked for, as what hangs there is likely not ours; else
    /// empty.
    std::string reserve;
    std::string udev_match;  ///< `SUBSYSTEM=="tty", KERNELS=="1-1.4:1.0"`; empty where not on USB
};

/// All of them: USB adapters, UARTs of the board, hidraw nodes; in the order of the kernel's names.
std::vector<FoundPort> find_ports(const PortTree& tree = {});

/// That of `find_ports()` to which a configured name leads.
std::optional<FoundPort> find_port(const std::string& name, const PortTree& tree = {});

/// The kernel numbers these anew at each start and plug: /dev/ttyUSB0, /dev/ttyACM0, /dev/hidraw0,
/// and what else a driver calls its ports on USB.
bool is_passing_name(const std::string& name, const PortTree& tree = {});

}  // namespace pwlog
