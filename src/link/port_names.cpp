// SPDX-License-Identifier: MIT
#include "link/port_names.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "base/directory.h"

namespace pwlog {
namespace {

namespace fs = std::filesystem;

constexpr std::array bridges{"0665:5161"};
/// Vendors of serial adapter chips, as in 60-pwlog.rules: Prolific, FTDI, Silicon Labs, WCH.
constexpr std::array adapter_vendors{"067b", "0403", "10c4", "1a86"};

/// Where a port hangs on USB.
struct UsbPlace {
    fs::path device;  // its folder in /sys
    std::string id;   // "0665:5161"
    std::string serial;
    std::string interface;  // "1-1.4:1.0": bus, sockets, configuration and interface
};

struct Port {
    FoundPort found;
    fs::path node;
    bool is_hidraw = false;
    std::optional<UsbPlace> usb;
};

/// By stat(): std::filesystem::equivalent() does not compare devices.
bool is_same(const fs::path& one, const fs::path& other) {
    struct stat first {};
    struct stat second {};
    return stat(one.c_str(), &first) == 0 && stat(other.c_str(), &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

std::string first_line(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
    auto paths = entries_of(folder);
    std::sort(paths.begin(), paths.end());
    return paths;
}

/// Some makers give every adapter the same number: it is none.
std::string real_serial(std::string serial) {
    const bool is_counted = serial.find_first_not_of('0') == std::string::npos ||
                            serial.find_first_not_of('0') == serial.size() - 1;
    return is_counted ? "" : serial;
}

/// Up from the port's device to the USB device that it is an interface of.
std::optional<UsbPlace> usb_place(fs::path device) {
    UsbPlace place;
    std::error_code none;
    for (; device.has_relative_path(); device = device.parent_path()) {
        if (fs::exists(device / "bInterfaceNumber", none)) {
            place.interface = device.filename().string();
        }
        if (fs::exists(device / "idVendor", none)) {
            place.device = device;
            place.id = first_line(device / "idVendor") + ":" + first_line(device / "idProduct");
            place.serial = real_serial(first_line(device / "serial"));
            return place;
        }
    }
    return std::nullopt;
}

/// The first name in the folder that leads to the node; empty where there is none.
std::string name_in(const fs::path& folder, const fs::path& node) {
    for (const auto& path : sorted_entries(folder)) {
        if (is_same(path, node)) {
            return path.string();
        }
    }
    return {};
}

bool is_console(const PortTree& tree, const std::string& name) {
    std::ifstream in(tree.sys / "class/tty/console/active");
    return std::any_of(std::istream_iterator<std::string>(in), {},
                       [&](const std::string& console) { return console == name; });
}

/// On the board itself: numbered the same at each start.
void describe_uart(const PortTree& tree, Port& port) {
    port.found.lasting = true;
    if (is_same(tree.dev / "serial0", port.node)) {
        port.found.name = (tree.dev / "serial0").string();  // the Raspberry Pi's pins 8 and 10
    }
    if (is_same(tree.dev / "serial1", port.node)) {
        port.found.reserve = "/dev/serial1, a Raspberry Pi's line to its own Bluetooth";
    } else if (is_console(tree, port.node.filename().string())) {
        port.found.reserve = "the kernel's console";
    }
}

void describe_usb(const PortTree& tree, const std::vector<Port>& all, Port& port) {
    const auto& usb = *port.usb;
    port.found.has_twin = std::any_of(all.begin(), all.end(), [&](const Port& other) {
        return other.usb && other.is_hidraw == port.is_hidraw && other.usb->id == usb.id &&
               other.usb->serial == usb.serial && other.usb->device != usb.device;
    });
    const auto links = tree.dev / (port.is_hidraw ? "pwlog" : "serial");
    const bool is_named = !usb.serial.empty() && !port.found.has_twin;
    auto name = is_named ? name_in(links / "by-id", port.node) : std::string();
    if (name.empty()) {
        name = name_in(links / "by-path", port.node);
    }
    if (!name.empty()) {
        port.found.name = std::move(name);
        port.found.lasting = true;
    }
    port.found.udev_match = fmt::format(R"(SUBSYSTEM=="{}", KERNELS=="{}")",
                                        port.is_hidraw ? "hidraw" : "tty", usb.interface);
    const auto is = [&usb](const char* known) { return usb.id.starts_with(known); };
    if (port.is_hidraw && std::none_of(bridges.begin(), bridges.end(), is)) {
        port.found.reserve = fmt::format("USB {}, maybe a keyboard or a security key", usb.id);
    } else if (!port.is_hidraw &&
               std::none_of(adapter_vendors.begin(), adapter_vendors.end(), is)) {
        port.found.reserve = fmt::format("USB {}, maybe a modem or another gadget", usb.id);
    }
}

void collect(const PortTree& tree, const char* subsystem, std::vector<Port>& found) {
    std::error_code absent;
    for (const auto& entry : sorted_entries(tree.sys / "class" / subsystem)) {
        Port port;
        port.node = tree.dev / entry.filename();
        port.is_hidraw = subsystem == std::string_view("hidraw");
        const auto device = fs::canonical(entry / "device", absent);
        if (absent || !fs::exists(port.node, absent)) {
            continue;  // virtual, or not for us in this container
        }
        port.usb = usb_place(device);
        const auto type = first_line(entry / "type");
        if (!port.usb && !port.is_hidraw && (type.empty() || type == "0")) {
            continue;  // a number that the kernel keeps for a UART which is not there
        }
        port.found.node = port.found.name = port.node.string();
        found.push_back(std::move(port));
    }
}

}  // namespace

std::vector<FoundPort> find_ports(const PortTree& tree) {
    std::vector<Port> all;
    collect(tree, "tty", all);
    collect(tree, "hidraw", all);
    std::vector<FoundPort> found;
    found.reserve(all.size());
    for (auto& port : all) {
        if (port.usb) {
            describe_usb(tree, all, port);
        } else if (port.is_hidraw) {
            port.found.reserve = "not on USB";
        } else {
            describe_uart(tree, port);
        }
        found.push_back(port.found);
    }
    return found;
}

std::optional<FoundPort> find_port(const std::string& name, const PortTree& tree) {
    for (auto& port : find_ports(tree)) {
        if (is_same(name, port.node)) {
            return std::move(port);
        }
    }
    return std::nullopt;
}

bool is_passing_name(const std::string& name, const PortTree& tree) {
    const auto path = fs::path(name).lexically_normal();
    const auto node = path.filename().string();
    if (path.parent_path() == tree.dev / "char") {
        return true;
    }
    if (path.parent_path() != tree.dev) {
        return false;
    }
    const auto port = find_port(path, tree);
    return node.starts_with("ttyUSB") || node.starts_with("ttyACM") || node.starts_with("hidraw") ||
           (port && port->node == path && !port->udev_match.empty());
}

}  // namespace pwlog
