// SPDX-License-Identifier: MIT
// Trap 10 (hidraw) once more, on a node that the kernel itself makes: /dev/uhid lets a program be
// the USB device behind it. Needs a kernel with CONFIG_UHID, and root.
#include <fcntl.h>
#include <linux/input.h>
#include <linux/uhid.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "trials.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::string_literals;
namespace fs = std::filesystem;

namespace {

/// Vendor-defined, one input and one output report of 8 bytes, without numbers: what the bridges of
/// this family declare.
constexpr std::array<unsigned char, 25> descriptor{
    0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75,
    0x08, 0x95, 0x08, 0x09, 0x02, 0x81, 0x02, 0x09, 0x03, 0x91, 0x02, 0xc0};

class Bridge {
  public:
    explicit Bridge(UniqueFd uhid) : uhid_(std::move(uhid)) {
        uhid_event create{};
        create.type = UHID_CREATE2;
        auto& device = create.u.create2;
        unique_.copy(reinterpret_cast<char*>(device.uniq), sizeof device.uniq - 1);
        std::copy(descriptor.begin(), descriptor.end(), device.rd_data);
        device.rd_size = descriptor.size();
        device.bus = BUS_USB;
        device.vendor = 0x0665;
        device.product = 0x5161;
        REQUIRE(send(create));
    }

    /// "/dev/hidrawN", once the kernel has made it.
    std::string path() const {
        for (const auto deadline = soon(); std::chrono::steady_clock::now() < deadline;) {
            std::error_code none;
            for (const auto& node : fs::directory_iterator("/sys/class/hidraw", none)) {
                std::ifstream file(node.path() / "device/uevent");
                const std::string text{std::istreambuf_iterator<char>(file), {}};
                const auto path = "/dev" / node.path().filename();
                if (text.find("HID_UNIQ=" + unique_) != std::string::npos && fs::exists(path)) {
                    return path.string();
                }
            }
            pollfd quiet{.fd = uhid_.get(), .events = 0, .revents = 0};
            poll(&quiet, 1, 10);
        }
        FAIL("no hidraw node appeared");
        return {};
    }

    bool give(std::string_view report) const {
        uhid_event input{};
        input.type = UHID_INPUT2;
        input.u.input2.size = static_cast<__u16>(report.size());
        std::copy(report.begin(), report.end(), input.u.input2.data);
        return send(input);
    }

    /// The next report from the host, as the kernel hands it to the device.
    std::string taken() const {
        pollfd waiting{.fd = uhid_.get(), .events = POLLIN, .revents = 0};
        while (poll(&waiting, 1, 10'000) > 0) {
            uhid_event event{};
            if (::read(uhid_.get(), &event, sizeof event) > 0 && event.type == UHID_OUTPUT) {
                const auto& output = event.u.output;
                return {reinterpret_cast<const char*>(output.data), output.size};
            }
        }
        return "nothing came";
    }

    void unplug() { uhid_.reset(); }

  private:
    bool send(const uhid_event& event) const {
        return ::write(uhid_.get(), &event, sizeof event) == sizeof event;
    }

    UniqueFd uhid_;
    std::string unique_ = "pwlog-test-" + std::to_string(getpid());
};

std::optional<Bridge> make_bridge() {
    UniqueFd uhid(open("/dev/uhid", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!uhid) {
        WARN("skipped: no access to /dev/uhid, so no real hidraw node can be made");
        return std::nullopt;
    }
    return std::optional<Bridge>(std::in_place, std::move(uhid));
}

}  // namespace

TEST_CASE("a real hidraw node is recognised and carries reports both ways", "[link]") {
    const auto bridge = make_bridge();
    if (!bridge) {
        return;
    }
    const auto link = open_or_fail(bridge->path());
    REQUIRE(link->write("S,1.1R0000\r", soon(), {}));
    CHECK(bridge->taken() == "\0S,1.1R00"s);
    CHECK(bridge->taken() == "\0"s + "00\r\0\0\0\0\0"s);
    REQUIRE(bridge->give("(ACK\r\0\0\0"s));
    CHECK(read_bytes(*link, 5) == "(ACK\r");

    REQUIRE(bridge->give("(NAK\r\0\0\0"s));
    REQUIRE(link->discard_input());
    REQUIRE(bridge->give("(PI90\r\0\0"s));
    CHECK(read_bytes(*link, 6) == "(PI90\r");

    CHECK(kind_of_failure(open_link({.name = bridge->path()})) == ErrorKind::busy);
}

TEST_CASE("an unplugged real hidraw node is gone, for a waiting read and for a write", "[link]") {
    auto bridge = make_bridge();
    if (!bridge) {
        return;
    }
    const auto link = open_or_fail(bridge->path());
    std::array<char, 8> buffer{};
    CHECK(kind_of_failure(link->read(buffer, in(std::chrono::milliseconds(50)), {})) ==
          ErrorKind::timeout);
    bridge->unplug();
    const auto deadline = soon();
    CHECK(kind_of_failure(link->read(buffer, deadline, {})) == ErrorKind::gone);
    CHECK(std::chrono::steady_clock::now() < deadline);
    CHECK(kind_of_failure(link->write("QPI\r", deadline, {})) == ErrorKind::gone);
}
