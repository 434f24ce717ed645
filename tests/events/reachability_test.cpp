// SPDX-License-Identifier: MIT
#include "events/reachability.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;
using Names = std::vector<std::string>;

namespace {

const Error silence{ErrorKind::timeout, "QGS on /dev/pdu: nothing came"};
const Error unplugged{ErrorKind::gone, "/dev/pdu vanished"};
const Error other_device{ErrorKind::wrong_device, "/dev/pdu answers PI97"};

Reachability make_reachability() { return {{"rack1-pdu", "PDU"}, "/dev/pdu"}; }

}  // namespace

TEST_CASE("one failed reading is one event, whatever follows it", "[events]") {
    auto device = make_reachability();
    const auto failed = device.failed(silence, at(0));
    CHECK(only(failed).action == "reading_failed");
    CHECK(only(failed).message == "rack1-pdu: could not be read");
    CHECK(only(failed).reason == silence.message);
    CHECK(only(failed).outcome == "failure");
    CHECK(detail(only(failed), "port") == "/dev/pdu");
    CHECK_FALSE(device.is_unreachable());
    CHECK(device.failed(silence, at(10)).empty());
    CHECK(device.succeeded(at(20), true).empty());
    CHECK(device.failures_in_a_row() == 0);
}

TEST_CASE("three failed readings in a row make a device unreachable, once", "[events]") {
    auto device = make_reachability();
    CHECK(device.failed(silence, at(0)).size() == 1);
    CHECK(device.failed(silence, at(10)).empty());
    const auto begun = device.failed(silence, at(20));
    CHECK(only(begun).action == "device_unreachable");
    CHECK(only(begun).message == "rack1-pdu: cannot be reached");
    CHECK(only(begun).reason == silence.message);
    CHECK(device.is_unreachable());
    CHECK(device.failed(silence, at(30)).empty());
    CHECK(device.failed(unplugged, at(40)).empty());
    const auto over = device.succeeded(at(200), true);
    CHECK(only(over).action == "device_reachable");
    CHECK(only(over).outcome == "success");
    CHECK(only(over).message == "rack1-pdu: answers again, after 3 min 0 s");
    CHECK(only(over).pair_id == only(begun).pair_id);
    CHECK(only(over).start == at(20));
    CHECK(device.succeeded(at(210), true).empty());
}

TEST_CASE("a lost line is unreachable at once", "[events]") {
    const auto kind = GENERATE(ErrorKind::gone, ErrorKind::not_found, ErrorKind::denied,
                               ErrorKind::busy, ErrorKind::io);
    auto device = make_reachability();
    CHECK(actions(device.failed({kind, "why"}, at(0))) == Names{"device_unreachable"});
}

TEST_CASE("another device on the port is told once each time", "[events]") {
    auto device = make_reachability();
    const auto events = device.failed(other_device, at(0));
    CHECK(actions(events) == Names{"device_unreachable", "wrong_device"});
    CHECK(events[1].message == "rack1-pdu: another device is on its port /dev/pdu");
    CHECK(events[1].reason == other_device.message);
    CHECK(device.failed(other_device, at(10)).empty());
    CHECK(actions(device.succeeded(at(20), true)) == Names{"device_reachable"});
    CHECK(device.failed(other_device, at(30)).size() == 2);
}

TEST_CASE("another device that is found while it is unreachable is told too", "[events]") {
    auto device = make_reachability();
    CHECK(device.failed(unplugged, at(0)).size() == 1);
    CHECK(actions(device.failed(other_device, at(10))) == Names{"wrong_device"});
}

TEST_CASE("a device that is unreachable through a restart is one pair", "[events]") {
    auto before = make_reachability();
    const auto begun = before.failed(other_device, at(0));
    auto after = make_reachability();
    after.restore(before.save());
    CHECK(after.is_unreachable());
    CHECK(after.failed(other_device, at(60)).empty());
    const auto over = after.succeeded(at(90), false);
    CHECK(only(over).pair_id == begun.front().pair_id);
    CHECK(only(over).message ==
          "rack1-pdu: answers again, after at most 1 min 30 s (exact time unknown)");
    CHECK(detail(only(over), "observed") == "false");
}

TEST_CASE("processes that read once each find it unreachable, too", "[events]") {
    std::string saved = make_reachability().save();
    Names told;
    for (int run = 0; run < 5; ++run) {
        auto device = make_reachability();
        device.restore(saved);
        const auto events = device.failed(silence, at(run * 60));
        for (const auto& name : actions(events)) {
            told.push_back(name);
        }
        if (!events.empty()) {
            saved = device.save();  // is kept with events and samples only
        }
    }
    CHECK(told == Names{"reading_failed", "device_unreachable"});
}

TEST_CASE("a success between forgets the failures of the process before", "[events]") {
    auto first = make_reachability();
    CHECK(first.failed(silence, at(0)).size() == 1);
    auto second = make_reachability();
    second.restore(first.save());
    CHECK(second.succeeded(at(60), false).empty());
    auto third = make_reachability();
    third.restore(second.save());
    CHECK(actions(third.failed(silence, at(120))) == Names{"reading_failed"});
}
