// SPDX-License-Identifier: MIT
#include "watch/watch_model.h"

#include <catch2/catch.hpp>

#include "text_of.h"
#include "watch/watch_layout.h"

using namespace pwlog;
using test::text_of;

namespace {

/// What a daemon answers, shortened to one outlet.
constexpr std::string_view status_text = R"({"version":"0.1.0","pid":4711,"alive":true,"devices":[
{"id":"p","reachable":true,"last_sample":"2026-11-22T17:00:00.000Z","cycles":3,"documents":[
{"event":{"dataset":"powerwalker.pdu"},"powerwalker":{"pdu":{"input_v":230.1,"power_w":512,
 "alarm":{"low_input_voltage":true,"high_input_voltage":false}}}},
{"event":{"dataset":"powerwalker.outlet"},"powerwalker":{"outlet":{"number":3,"name":"nas",
 "state":"overload","power_w":100}}}]},
{"id":"a","reachable":true,"last_sample":"2026-11-22T17:00:00.000Z","documents":[
{"event":{"dataset":"powerwalker.ats"},"powerwalker":{"ats":{"source1_v":230.5,"active_source":1,
 "preferred_source":2,"redundant":false,"source2_voltage_bad":true,"source2_wave_bad":true,
 "alarm":{"overload":true}}}}]},
{"id":"n","reachable":false,"last_error":"no such device","documents":[]}],
"spool":{"pending":7,"oldest_pending":"2026-11-22T16:59:00.000Z"},
"shipping":{"state":"retrying","last_error":"HTTP 503","latency_ms":12}})";

}  // namespace

TEST_CASE("the daemon's status becomes what watch shows", "[cli]") {
    const auto status = parse_daemon_status(status_text);
    REQUIRE(status);
    CHECK(status->pid == 4711);
    CHECK(status->spool.pending_documents == 7);
    CHECK(status->shipping.latency_ms == 12);
    WatchHistory history;
    history.note(*status);
    history.note(*status);  // the same sample: once
    WatchModel model;
    history.fill(*status, model);
    REQUIRE(model.devices.size() == 3);
    const auto& pdu = model.devices[0];
    CHECK(pdu.kind == DocumentKind::pdu);
    REQUIRE(pdu.outlets.size() == 1);
    CHECK(pdu.values.number(Field::pdu_power_w) == 512);
    CHECK_FALSE(pdu.values.contains(Field::pdu_input_a));
    CHECK(pdu.outlets[0].power_history == History{100});
    const auto& ats = model.devices[1];
    CHECK(ats.kind == DocumentKind::ats);
    CHECK(ats.source(Field::ats_active_source) == 1);
    CHECK(ats.voltage_history[0] == History{230.5});
    CHECK_FALSE(model.devices[2].kind.has_value());
    CHECK(all_alarms(model) == std::vector<std::string>{"p: low input voltage",
                                                        "p: outlet 3 (nas) overload",
                                                        "a: source 2: voltage, wave bad",
                                                        "a: overload", "n: unreachable"});
}

TEST_CASE("a countdown goes on between two samples", "[cli]") {
    const auto status = parse_daemon_status(
        R"({"devices":[{"id":"p","reachable":true,"last_sample":"2026-11-22T17:00:00.000Z","documents":[
{"event":{"dataset":"powerwalker.pdu"},"powerwalker":{"pdu":{}}},
{"event":{"dataset":"powerwalker.outlet"},"powerwalker":{"outlet":{"number":8,
 "state":"shutdown_active","shutdown_s":12}}}]}]})");
    REQUIRE(status);
    const auto left_after = [&](std::chrono::seconds age) {
        WatchModel model;
        model.now = *status->devices[0].last_sample + age;
        WatchHistory().fill(*status, model);
        return state_words(model.devices.at(0).outlets.at(0));
    };
    CHECK(left_after(std::chrono::seconds(0)) == "off in 12 s");
    CHECK(left_after(std::chrono::seconds(5)) == "off in 7 s");
    CHECK(left_after(std::chrono::seconds(-5)) == "off in 12 s");
    CHECK(left_after(std::chrono::seconds(30)) == "shutdown active");
}

TEST_CASE("a sample is one plain line", "[cli]") {
    const auto status = parse_daemon_status(status_text);
    REQUIRE(status);
    CHECK(plain_line(device_view(status->devices[0])) ==
          "2026-11-22T17:00:00.000Z p: 512 W, - VA, 230.1 V, - Hz, - A, - C; 3 nas overload 100 W; "
          "ALARM: low input voltage, outlet 3 (nas) overload");
    CHECK(plain_line(device_view(status->devices[1])) ==
          "2026-11-22T17:00:00.000Z a: on source 1, not redundant; source 1 active, 230.5 V, - Hz, "
          "good; source 2 standby, preferred, - V, - Hz, voltage, wave bad; - % load, - A, - C; "
          "ALARM: source 2: voltage, wave bad, overload");
}

TEST_CASE("a UPS is shown with its state, charge, load and runtime, and what is wrong", "[cli]") {
    const auto view = [](const std::string& values) {
        const auto status = parse_daemon_status(
            R"({"devices":[{"id":"u","reachable":true,"last_sample":"2026-11-22T17:00:00.000Z",)"
            R"("documents":[{"event":{"dataset":"powerwalker.ups"},"powerwalker":{"ups":{)" +
            values + "}}}]}]}");
        REQUIRE(status);
        WatchHistory history;
        WatchModel model;
        history.fill(*status, model);
        REQUIRE(model.devices.size() == 1);
        const auto& ups = model.devices[0];
        model.now = *ups.sampled;
        std::string screen;
        for (const auto& line : lay_out(model, {100, 24, true}, 0).lines) {
            screen += text_of(line) + "\n";
        }
        CHECK(screen.find(std::string(ups.values.flag(Field::ups_on_battery) == true ? "ON BATTERY"
                                                                                     : "")) !=
              std::string::npos);
        return plain_line(ups);
    };
    CHECK(view(R"("status":"OL CHRG","on_battery":false,"low_battery":false,"charge_pct":0.87,)"
               R"("load_pct":0.23,"runtime_s":1320,"input_v":230.4)") ==
          "2026-11-22T17:00:00.000Z u: on line (OL CHRG), 87 % charge, 23 % load, 22 min left, "
          "230.4 V in; no alarms");
    CHECK(
        view(R"("status":"OB LB RB","on_battery":true,"low_battery":true,"alarm":"Fan!")") ==
        "2026-11-22T17:00:00.000Z u: ON BATTERY (OB LB RB), - % charge, - % load, - left, - V in; "
        "ALARM: on battery, low battery, replace battery, Fan!");
    CHECK(view(R"("status":"WAIT")") ==
          "2026-11-22T17:00:00.000Z u: state unknown (WAIT), - % charge, - % load, - left, - V in; "
          "no alarms");
}

TEST_CASE("an answer that is odd shows nothing, and is no crash", "[cli]") {
    CHECK_FALSE(parse_daemon_status("").has_value());
    CHECK_FALSE(parse_daemon_status("[1]").has_value());
    CHECK_FALSE(parse_daemon_status("{").has_value());
    for (const auto* odd :
         {"{}", R"({"devices":7})", R"({"devices":[1,"x",{"id":3,"documents":{"a":1}}]})",
          R"({"devices":[{"id":"p","documents":[{"event":{"dataset":"powerwalker.pdu"},)"
          R"("powerwalker":{"pdu":{"alarm":[1],"power_w":"x"}}}]}],"spool":[],"shipping":"no"})"}) {
        const auto status = parse_daemon_status(odd);
        REQUIRE(status);
        WatchHistory history;
        history.note(*status);
        WatchModel model;
        history.fill(*status, model);
        CHECK(lay_out(model, {80, 24, true}, 0).lines.size() == 24);
    }
}
