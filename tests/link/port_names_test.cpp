// SPDX-License-Identifier: MIT
// Which name a port is written down by, and which ports are left alone: on a tree of folders that
// is laid out as the kernel's and udev's.
#include "link/port_names.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
namespace fs = std::filesystem;

namespace {

struct Usb {
    std::string socket;  // "1-1.4"
    std::string vendor;
    std::string product;
    std::string serial;
};

class Machine {
  public:
    const PortTree& tree() const { return tree_; }
    std::string dev(const std::string& name) const { return (tree_.dev / name).string(); }

    void add_usb(const std::string& subsystem, const std::string& node, const Usb& usb) const {
        const auto device = tree_.sys / "devices/pci0000:00/usb1" / usb.socket;
        const auto interface = device / (usb.socket + ":1.0");
        // As deep as the real ones are: a hidraw node hangs below a HID device, a ttyUSB on itself.
        const auto leaf = interface / (subsystem == "hidraw" ? "0003:0665:5161.0001" : node);
        fs::create_directories(leaf);
        write(device / "idVendor", usb.vendor);
        write(device / "idProduct", usb.product);
        if (!usb.serial.empty()) {
            write(device / "serial", usb.serial);
        }
        write(interface / "bInterfaceNumber", "00");
        add_class(subsystem, node, leaf);
    }
    void add_uart(const std::string& node, const std::string& type) const {
        const auto device = tree_.sys / "devices/platform" / node;
        fs::create_directories(device);
        add_class("tty", node, device);
        write(tree_.sys / "class/tty" / node / "type", type);
    }
    void link(const std::string& name, const std::string& node) const {
        fs::create_directories((tree_.dev / name).parent_path());
        fs::create_symlink(tree_.dev / node, tree_.dev / name);
    }
    void write(const fs::path& file, const std::string& text) const {
        fs::create_directories(file.parent_path());
        std::ofstream(file) << text << "\n";
    }
    FoundPort port(const std::string& node) const {
        for (auto& port : find_ports(tree_)) {
            if (port.node == dev(node)) {
                return port;
            }
        }
        FAIL("not found: " + node);
        return {};
    }

  private:
    void add_class(const std::string& subsystem, const std::string& node,
                   const fs::path& device) const {
        write(tree_.dev / node, "");
        const auto entry = tree_.sys / "class" / subsystem / node;
        fs::create_directories(entry);
        fs::create_symlink(device, entry / "device");
    }

    TempDir folder_;
    PortTree tree_{folder_.path() / "dev", folder_.path() / "sys"};
};

const Usb bridge{"1-1.2", "0665", "5161", ""};
const Usb second_bridge{"1-1.3", "0665", "5161", ""};

}  // namespace

TEST_CASE("two bridges of one make are told apart by their sockets", "[link]") {
    const Machine machine;
    machine.add_usb("hidraw", "hidraw0", bridge);
    machine.add_usb("hidraw", "hidraw1", second_bridge);
    machine.link("pwlog/by-id/usb-Cypress_Bridge-if00", "hidraw1");
    machine.link("pwlog/by-path/pci-usb-0:1.2:1.0", "hidraw0");
    machine.link("pwlog/by-path/pci-usb-0:1.3:1.0", "hidraw1");
    CHECK(machine.port("hidraw0").name == machine.dev("pwlog/by-path/pci-usb-0:1.2:1.0"));
    CHECK(machine.port("hidraw1").name == machine.dev("pwlog/by-path/pci-usb-0:1.3:1.0"));
    CHECK(machine.port("hidraw1").lasting);
    CHECK(machine.port("hidraw1").has_twin);
    CHECK(machine.port("hidraw1").reserve.empty());
    CHECK(machine.port("hidraw1").udev_match == R"(SUBSYSTEM=="hidraw", KERNELS=="1-1.3:1.0")");
}

TEST_CASE("an adapter goes by its serial number where no other one shares that", "[link]") {
    const Machine machine;
    const auto number = GENERATE("A50285BI", "0001", "00000000", "");
    const std::string by_id = "serial/by-id/usb-FTDI_FT232R-if00-port0";
    const std::string by_path = "serial/by-path/pci-usb-0:1.4:1.0-port0";
    machine.add_usb("tty", "ttyUSB0", {"1-1.4", "0403", "6001", number});
    machine.link(by_id, "ttyUSB0");
    machine.link(by_path, "ttyUSB0");
    const bool is_real = number == std::string("A50285BI");
    CHECK(machine.port("ttyUSB0").name == machine.dev(is_real ? by_id : by_path));
    CHECK_FALSE(machine.port("ttyUSB0").has_twin);

    machine.add_usb("tty", "ttyUSB1", {"1-1.5", "0403", "6001", number});
    CHECK(machine.port("ttyUSB0").name == machine.dev(by_path));
    CHECK(machine.port("ttyUSB0").has_twin);
    CHECK(machine.port("ttyUSB1").name == machine.dev("ttyUSB1"));
    CHECK_FALSE(machine.port("ttyUSB1").lasting);
}

TEST_CASE("an adapter with several ports is no twin of itself", "[link]") {
    const Machine machine;
    machine.add_usb("tty", "ttyUSB0", {"1-2", "0403", "6011", "FT4X"});
    machine.add_usb("tty", "ttyUSB1", {"1-2", "0403", "6011", "FT4X"});
    machine.link("serial/by-id/usb-FT4X-if01-port0", "ttyUSB1");
    CHECK(machine.port("ttyUSB1").name == machine.dev("serial/by-id/usb-FT4X-if01-port0"));
}

TEST_CASE("nothing is sent unasked to what is likely not ours", "[link]") {
    const Machine machine;
    machine.add_usb("hidraw", "hidraw0", {"1-1", "046d", "c31c", ""});  // a keyboard
    machine.add_usb("hidraw", "hidraw1", {"1-2", "1050", "0407", ""});  // a security key
    machine.add_usb("hidraw", "hidraw2", bridge);
    machine.add_usb("tty", "ttyACM0", {"1-3", "2341", "0043", "7573"});  // a board that restarts
    machine.add_usb("tty", "ttyUSB0", {"1-4", "067b", "2303", ""});
    machine.add_uart("ttyS0", "4");
    machine.add_uart("ttyS1", "4");
    machine.write(machine.tree().sys / "class/tty/console/active", "tty0 ttyS1");
    std::vector<std::string> asked;
    for (const auto& port : find_ports(machine.tree())) {
        if (port.reserve.empty()) {
            asked.push_back(fs::path(port.node).filename());
        }
    }
    CHECK(asked == std::vector<std::string>{"ttyS0", "ttyUSB0", "hidraw2"});
    CHECK(machine.port("hidraw1").reserve == "USB 1050:0407, maybe a keyboard or a security key");
    CHECK(machine.port("ttyS1").reserve == "the kernel's console");
}

TEST_CASE("a UART of the board is there if the kernel found one, and keeps its name", "[link]") {
    const Machine machine;
    machine.add_uart("ttyS0", "4");
    machine.add_uart("ttyS4", "0");  // a number without a UART
    machine.add_uart("ttyAMA0", "32");
    machine.add_uart("ttyAMA1", "32");
    machine.link("serial0", "ttyAMA0");
    machine.link("serial1", "ttyAMA1");
    CHECK(find_ports(machine.tree()).size() == 3);
    CHECK(machine.port("ttyS0").name == machine.dev("ttyS0"));
    CHECK(machine.port("ttyS0").lasting);
    CHECK(machine.port("ttyAMA0").name == machine.dev("serial0"));
    CHECK_FALSE(machine.port("ttyAMA1").reserve.empty());
}

TEST_CASE("a configured name leads to its port, and some names pass", "[link]") {
    const Machine machine;
    machine.add_usb("hidraw", "hidraw0", bridge);
    machine.link("my-pdu", "hidraw0");
    CHECK(find_port(machine.dev("my-pdu"), machine.tree())->node == machine.dev("hidraw0"));
    CHECK_FALSE(find_port(machine.dev("absent"), machine.tree()));
    for (const auto* const passing : {"/dev/ttyUSB0", "/dev/ttyACM3", "/dev/hidraw12",
                                      "/dev/./ttyUSB0", "/dev//hidraw0", "/dev/char/188:0"}) {
        CAPTURE(passing);
        CHECK(is_passing_name(passing));
    }
    machine.add_usb("tty", "ttyXRUSB0", {"1-4", "04e2", "1410", ""});  // as its maker's driver says
    machine.link("my-ats", "ttyXRUSB0");
    machine.add_uart("ttyS0", "4");
    CHECK(is_passing_name(machine.dev("ttyXRUSB0"), machine.tree()));
    CHECK_FALSE(is_passing_name(machine.dev("my-ats"), machine.tree()));
    CHECK_FALSE(is_passing_name(machine.dev("ttyS0"), machine.tree()));
    for (const auto* const lasting : {"/dev/ttyS0", "/dev/serial0", "/dev/my-pdu", "/dev/pts/3",
                                      "/dev/serial/by-id/usb-1", "tcp://ttyUSB0:1"}) {
        CHECK_FALSE(is_passing_name(lasting));
    }
}
