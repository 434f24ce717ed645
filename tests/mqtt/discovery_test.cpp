// SPDX-License-Identifier: MIT
#include "mqtt/discovery.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "support/text.h"

using namespace pwlog;
using test::has;

namespace {

PduContext named_pdu() {
    PduContext pdu;
    pdu.device = {"rack1.pdu", "PDU", "Rack 1"};
    pdu.outlet_names[1] = "nas";
    return pdu;
}

HomeOptions options_of(HomeOptions::Form form) {
    return {form, "homeassistant", "$CONNECTED/rack", "0.1.0"};
}

}  // namespace

TEST_CASE("an entity's announcement is what Home Assistant's documentation says", "[mqtt]") {
    const auto device = home_device("P", named_pdu(), "00.15", {2});
    const auto messages = announcement(options_of(HomeOptions::Form::entity), device);
    const auto energy = std::find_if(messages.begin(), messages.end(), [](const auto& message) {
        return has(message.topic, "out2_energy");
    });
    REQUIRE(energy != messages.end());
    CHECK(energy->topic == "homeassistant/sensor/pwlog_rack1_2epdu/out2_energy/config");
    CHECK(
        energy->payload ==
        R"({"unique_id":"pwlog_rack1_2epdu_out2_energy","name":"nas energy",)"
        R"("state_topic":"P/pdu/energy/out2","value_template":"{{ value_json.kwh | default(none) }}",)"
        R"("device_class":"energy","unit_of_measurement":"kWh","state_class":"total_increasing",)"
        R"("suggested_display_precision":1,)"
        R"("device":{"identifiers":["pwlog_rack1_2epdu"],"name":"Rack 1","manufacturer":"PowerWalker",)"
        R"("model":"PDU","sw_version":"00.15"},"origin":{"name":"pwlog","sw_version":"0.1.0"},)"
        R"("availability":[{"topic":"$CONNECTED/rack","payload_available":"1","payload_not_available":"0"},)"
        R"({"topic":"P/pdu/availability"}],"availability_mode":"all"})");
}

TEST_CASE("only outlets that commands are taken for have a switch and a button", "[mqtt]") {
    const auto device = home_device("P", named_pdu(), "", {2});
    int announced = 0;
    for (const auto& message : announcement(options_of(HomeOptions::Form::entity), device)) {
        const bool control = has(message.topic, "/switch/") || has(message.topic, "/button/");
        const bool is_outlet2 = has(message.topic, "/out2_");
        if (control) {
            CHECK(message.payload.empty() != is_outlet2);
            announced += is_outlet2 ? 1 : 0;
            CHECK(has(message.payload, "command_topic") == is_outlet2);
        } else {
            CHECK_FALSE(has(message.payload, "command_topic"));
        }
    }
    CHECK(announced == 2);
    const auto whole = announcement(options_of(HomeOptions::Form::device), device);
    REQUIRE(whole.size() == 1);
    CHECK(has(whole.front().payload, R"("out1_switch":{"platform":"switch"},)"));
    CHECK(has(whole.front().payload, R"("command_topic":"P/pdu/outlet/out2/set")"));
    CHECK(has(whole.front().payload, R"("command_topic":"P/pdu/outlet/out2/cancel")"));
}

TEST_CASE("what is withdrawn is all that was announced, in either form", "[mqtt]") {
    for (const auto& device : {home_device("P", named_pdu(), "", {1, 2, 3, 4, 5, 6, 7, 8}),
                               home_device("P", AtsContext{{"ats", ""}, {}}, "")}) {
        std::set<std::string> withdrawn;
        for (const auto& message : withdrawal(options_of(HomeOptions::Form::device), device)) {
            CHECK(message.payload.empty());
            withdrawn.insert(message.topic);
        }
        for (const auto form : {HomeOptions::Form::device, HomeOptions::Form::entity}) {
            for (const auto& message : announcement(options_of(form), device)) {
                CHECK(withdrawn.count(message.topic) == 1);
            }
        }
    }
}

TEST_CASE("entities of a device have ids of their own", "[mqtt]") {
    for (const auto& device : {home_device("P", named_pdu(), "", {1}),
                               home_device("P", AtsContext{{"ats", ""}, {}}, "")}) {
        std::set<std::string> ids;
        for (const auto& entity : device.entities) {
            INFO(entity.id);
            CHECK(ids.insert(entity.id).second);
        }
    }
}
