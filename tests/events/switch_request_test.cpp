// SPDX-License-Identifier: MIT
#include "events/switch_request.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;
using std::chrono::seconds;

namespace {

SwitchRequest cycle_of_the_printer() {
    SwitchRequest request;
    request.device = {"rack1-pdu", "PDU", "Rack 1"};
    request.outlet = OutletTag{8, "printer"};
    request.requested_by = "anna";
    request.method = "mqtt";
    request.command = "cycle";
    request.delay = seconds(30);
    request.restore_after = seconds(120);
    request.digits_before = "11111111";
    request.digits_after = "11111112";
    return request;
}

}  // namespace

TEST_CASE("a switch request tells who asked for what over what, and what became of it",
          "[events]") {
    const auto event = switch_request_event(cycle_of_the_printer());
    CHECK(event.action == "switch_request");
    CHECK(event.type == "change");
    CHECK(event.outcome == "success");
    CHECK(event.message == "Rack 1: cycle requested for outlet 8 (printer) by anna via MQTT: done");
    CHECK(detail(event, "requested_by") == "anna");
    CHECK(detail(event, "method") == "mqtt");
    CHECK(detail(event, "command") == "cycle");
    CHECK(detail(event, "delay_s") == "30");
    CHECK(detail(event, "restore_after_s") == "120");
    CHECK(detail(event, "digits_before") == "11111111");
    CHECK(detail(event, "digits_after") == "11111112");
    CHECK(event.outlet->number == 8);
}

TEST_CASE("a refused request is an event, too", "[events]") {
    auto request = cycle_of_the_printer();
    request.outcome = SwitchRequest::Outcome::refused;
    request.reason = "outlet 8 is not among those that may be switched";
    request.delay.reset();
    request.digits_after.clear();
    const auto event = switch_request_event(request);
    CHECK(event.type == "info");
    CHECK(event.outcome == "failure");
    CHECK(event.reason == request.reason);
    CHECK(
        event.message ==
        "Rack 1: cycle requested for outlet 8 (printer) by anna via MQTT: refused (outlet 8 is not "
        "among those that may be switched)");
    CHECK(detail(event, "delay_s").empty());
    CHECK(detail(event, "digits_after").empty());
}

TEST_CASE("a request for all outlets, failed or unknown, says so", "[events]") {
    auto request = cycle_of_the_printer();
    request.outlet.reset();
    request.outcome = SwitchRequest::Outcome::failed;
    CHECK(switch_request_event(request).message ==
          "Rack 1: cycle requested for all outlets by anna via MQTT: failed");
    CHECK(switch_request_event(request).outcome == "failure");
    request.outcome = SwitchRequest::Outcome::unknown;
    CHECK(switch_request_event(request).outcome == "unknown");
    CHECK(switch_request_event(request).message ==
          "Rack 1: cycle requested for all outlets by anna via MQTT: outcome unknown");
}
