// SPDX-License-Identifier: MIT
#include "mqtt/state_messages.h"

#include <catch2/catch.hpp>
#include <map>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

using Topics = std::map<std::string, std::string>;

Topics by_topic(const std::vector<MqttMessage>& messages) {
    Topics topics;
    for (const auto& message : messages) {
        INFO(message.topic << " twice");
        CHECK(topics.emplace(message.topic, message.payload).second);
    }
    return topics;
}

}  // namespace

TEST_CASE("a PDU's topics and payloads are the library's, byte for byte, and energy", "[mqtt]") {
    const Topics expected{
        {"homelab/pdu/power/in", R"({"w":246,"va":336,"a":2.1})"},
        {"homelab/pdu/power/out1", R"({"w":0,"va":0,"a":0.0})"},
        {"homelab/pdu/power/out2", R"({"w":42,"va":78,"a":0.3})"},
        {"homelab/pdu/power/out3", R"({"w":0,"va":0,"a":0.5})"},
        {"homelab/pdu/power/out4", R"({"w":80,"va":89,"a":0.4})"},
        {"homelab/pdu/power/out5", R"({"w":30,"va":34,"a":0.1})"},
        {"homelab/pdu/power/out6", R"({"w":44,"va":50,"a":0.2})"},
        {"homelab/pdu/power/out7", R"({"w":31,"va":63,"a":0.2})"},
        {"homelab/pdu/power/out8", R"({"w":0,"va":0,"a":0.3})"},
        {"homelab/pdu/energy/in", R"({"kwh":701.7})"},
        {"homelab/pdu/energy/out1", R"({"kwh":0.0})"},
        {"homelab/pdu/energy/out2", R"({"kwh":100.9})"},
        {"homelab/pdu/energy/out3", R"({"kwh":11.8})"},
        {"homelab/pdu/energy/out4", R"({"kwh":110.6})"},
        {"homelab/pdu/energy/out5", R"({"kwh":198.8})"},
        {"homelab/pdu/energy/out6", R"({"kwh":103.9})"},
        {"homelab/pdu/energy/out7", R"({"kwh":46.2})"},
        {"homelab/pdu/energy/out8", R"({"kwh":19.8})"},
        {"homelab/pdu/outlet/out1",
         R"({"status":1,"state":"On","restore_sec":0,"shutdown_sec":0})"},
        {"homelab/pdu/outlet/out2",
         R"({"status":3,"state":"Shutdown imminent","restore_sec":60,"shutdown_sec":42})"},
        {"homelab/pdu/outlet/out3",
         R"({"status":5,"state":"Overload alarm","restore_sec":0,"shutdown_sec":0})"},
        {"homelab/pdu/outlet/out4",
         R"({"status":1,"state":"On","restore_sec":0,"shutdown_sec":0})"},
        {"homelab/pdu/outlet/out5",
         R"({"status":1,"state":"On","restore_sec":0,"shutdown_sec":0})"},
        {"homelab/pdu/outlet/out6",
         R"({"status":1,"state":"On","restore_sec":0,"shutdown_sec":0})"},
        {"homelab/pdu/outlet/out7",
         R"({"status":1,"state":"On","restore_sec":0,"shutdown_sec":0})"},
        {"homelab/pdu/outlet/out8",
         R"({"status":1,"state":"On","restore_sec":0,"shutdown_sec":0})"},
        {"homelab/pdu/status",
         R"({"in_hz":49.8,"in_v":222.5,"temp_c":36.0,"low_in_voltage":0,"high_in_voltage":0,)"
         R"("low_in_current":0,"high_in_current":0,"pwr_fail_aux1":0,"pwr_fail_aux2":0})"},
    };
    CHECK(by_topic(pdu_messages("homelab", captured_pdu(), false)) == expected);
}

TEST_CASE("the words of an outlet's state are the library's, in its order", "[mqtt]") {
    const std::vector<std::string> words{
        "Off",   "On", "Shutdown active", "Shutdown imminent", "Restore active", "Overload alarm",
        "Locked"};
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto reading = captured_pdu();
        reading.countdowns.reset();
        reading.status.outlets[0] = static_cast<pdu::OutletState>(i);
        const auto topics = by_topic(pdu_messages("P", reading, false));
        CHECK(topics.at("P/pdu/outlet/out1") == "{\"status\":" + std::to_string(i) +
                                                    ",\"state\":\"" + words[i] +
                                                    "\",\"restore_sec\":0,\"shutdown_sec\":0}");
    }
}

TEST_CASE("the oldest form is whole watts on topics of their own, beside the others", "[mqtt]") {
    const auto newer = by_topic(pdu_messages("P", captured_pdu(), false));
    auto topics = by_topic(pdu_messages("P", captured_pdu(), true));
    for (const auto& [topic, payload] : Topics{{"P/power/in_w", "246"},
                                               {"P/power/out1_w", "0"},
                                               {"P/power/out2_w", "42"},
                                               {"P/power/out3_w", "0"},
                                               {"P/power/out4_w", "80"},
                                               {"P/power/out5_w", "30"},
                                               {"P/power/out6_w", "44"},
                                               {"P/power/out7_w", "31"},
                                               {"P/power/out8_w", "0"}}) {
        CHECK(topics[topic] == payload);
        topics.erase(topic);
    }
    CHECK(topics == newer);
}

TEST_CASE("an ATS's topics and payloads are the library's, byte for byte", "[mqtt]") {
    const Topics expected{
        {"homelab/ats/supply/src1", R"({"v":223.7,"hz":50.0,"active":1,"preferred":1,"bad":0})"},
        {"homelab/ats/supply/src2", R"({"v":223.7,"hz":50.0,"active":0,"preferred":0,"bad":0})"},
        {"homelab/ats/status",
         R"({"temp_c":35.0,"out_a":2.2,"out_pct":13.0,"sync_angle":1.0,"aux_pwr1_fail":0,)"
         R"("aux_pwr2_fail":0,"on_fault_mode":0,"overload_alarm":0,"overload_fault":0,)"
         R"("short_fault":0,"syncron_bad":0})"},
        {"homelab/ats/redundancy", R"({"redundant":1,"active_source":1,"preferred_source":1})"},
    };
    CHECK(by_topic(ats_messages("homelab", {}, captured_ats())) == expected);
}

TEST_CASE("a source is bad where its voltage, frequency or wave is", "[mqtt]") {
    for (const auto* const bits :
         {"000100010000000000000000", "000010010000000000000000", "000001010000000000000000"}) {
        auto reading = captured_ats();
        reading.status = *ats::decode_status(bits);
        const auto topics = by_topic(ats_messages("P", {}, reading));
        CHECK(topics.at("P/ats/supply/src2") ==
              R"({"v":223.7,"hz":50.0,"active":0,"preferred":0,"bad":1})");
        CHECK(topics.at("P/ats/redundancy") ==
              R"({"redundant":0,"active_source":1,"preferred_source":1})");
        CHECK(alert_message("P", {}, reading.status) ==
              MqttMessage{"P/alert", R"({"ats_src1":0,"ats_src2":1,"ats":0})"});
    }
}

TEST_CASE("the alert has both devices, in the library's order", "[mqtt]") {
    auto pdu = captured_pdu().status;
    auto ats = captured_ats().status;
    CHECK(alert_message("homelab", pdu, ats) ==
          MqttMessage{"homelab/alert",
                      R"({"pdu_out1":0,"pdu_out2":0,"pdu_out3":1,"pdu_out4":0,"pdu_out5":0,)"
                      R"("pdu_out6":0,"pdu_out7":0,"pdu_out8":0,"pdu":0,)"
                      R"("ats_src1":0,"ats_src2":0,"ats":0})"});
    pdu.alarms.aux2_power_fail = true;
    ats.sync_bad = true;
    const auto alert = alert_message("homelab", pdu, ats).payload;
    CHECK(alert.find(R"("pdu":1)") != std::string::npos);
    CHECK(alert.find(R"("ats":1)") != std::string::npos);
}

TEST_CASE("a value that the device gives as dashes has no key", "[mqtt]") {
    auto reading = captured_pdu();
    reading.status.temperature.reset();
    reading.active_power.input.reset();
    reading.energy.input.reset();
    const auto topics = by_topic(pdu_messages("P", reading, true));
    CHECK(topics.at("P/pdu/power/in") == R"({"va":336,"a":2.1})");
    CHECK(topics.at("P/pdu/status").find("temp_c") == std::string::npos);
    CHECK(topics.count("P/pdu/energy/in") == 0);
    CHECK(topics.count("P/power/in_w") == 0);
}
