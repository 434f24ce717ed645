// SPDX-License-Identifier: MIT
#include "mqtt/command.h"

#include <catch2/catch.hpp>
#include <random>

#include "support/text.h"

using namespace pwlog;
using test::has;

namespace {

using Action = SwitchOrder::Action;

const std::map<std::string, std::string> devices{{"P", "rack1-pdu"}, {"P/rack2-pdu", "rack2-pdu"}};

}  // namespace

TEST_CASE("four words switch an outlet, and one cancels", "[mqtt]") {
    for (const auto& [payload, action] : std::map<std::string, Action>{
             {"0", Action::off}, {"OFF", Action::off}, {"1", Action::on}, {"ON", Action::on}}) {
        const auto command = parse_command(devices, {"P/pdu/outlet/out8/set", payload});
        REQUIRE(command);
        CHECK(command->refusal.empty());
        CHECK(command->device == "rack1-pdu");
        CHECK(command->order.outlet.outlet() == 8);
        CHECK(command->order.action == action);
        CHECK(command->order.method == "mqtt");
        CHECK_FALSE(command->order.in_any_state);
    }
    const auto cancel = parse_command(devices, {"P/rack2-pdu/pdu/outlet/out1/cancel", "PRESS"});
    REQUIRE(cancel);
    CHECK(cancel->refusal.empty());
    CHECK(cancel->device == "rack2-pdu");
    CHECK(cancel->order.action == Action::cancel);
}

TEST_CASE("a command that the broker kept is refused, whatever it says", "[mqtt]") {
    for (const auto* const payload : {"0", "1", "OFF", "ON"}) {
        const auto command = parse_command(devices, {"P/pdu/outlet/out8/set", payload, true});
        REQUIRE(command);
        CHECK(has(command->refusal, "retained"));
    }
    const auto cancel = parse_command(devices, {"P/pdu/outlet/out8/cancel", "PRESS", true});
    REQUIRE(cancel);
    CHECK(has(cancel->refusal, "retained"));
}

TEST_CASE("an empty or unknown word is refused, and quoted without harm", "[mqtt]") {
    for (const std::string payload : {"", " 0", "0\n", "00", "off", "On", "true", "2", "-1",
                                      "TOGGLE", "PRESS", "\x1b[2J", "{\"state\":\"OFF\"}"}) {
        INFO(payload);
        const auto command = parse_command(devices, {"P/pdu/outlet/out8/set", payload});
        REQUIRE(command);
        CHECK_FALSE(command->refusal.empty());
        CHECK(command->refusal.find('\x1b') == std::string::npos);
        // What is stored is what was asked, not what it might have meant.
        CHECK_FALSE(command->order.asked.empty());
        CHECK(command->order.asked.find('\x1b') == std::string::npos);
        CHECK(command->order.action != Action::off);
        CHECK((payload != "TOGGLE" || command->order.asked == "TOGGLE"));
    }
    const auto cancel = parse_command(devices, {"P/pdu/outlet/out8/cancel", "OFF"});
    REQUIRE(cancel);
    CHECK_FALSE(cancel->refusal.empty());
    const auto large = parse_command(devices, {"P/pdu/outlet/out8/set", std::string(1 << 20, '0')});
    REQUIRE(large);
    CHECK(large->refusal.size() < 200);
}

TEST_CASE("an outlet that there is none of is refused", "[mqtt]") {
    for (const auto* const name :
         {"out0", "out9", "out", "out10", "OUT1", "in", "all", "out+", ""}) {
        const auto command =
            parse_command(devices, {std::string("P/pdu/outlet/") + name + "/set", "0"});
        REQUIRE(command);
        CHECK(has(command->refusal, "no such outlet"));
    }
}

TEST_CASE("topics of others are no commands", "[mqtt]") {
    for (const auto* const topic :
         {"P/pdu/outlet/out8", "P/pdu/outlet/out8/state", "Q/pdu/outlet/out8/set",
          "x/P/pdu/outlet/out8/set", "pdu/outlet/out8/set", "/pdu/outlet/out8/set", "/set", "set",
          "", "/cancel", "P/rack3-pdu/pdu/outlet/out8/set", "homeassistant/status"}) {
        INFO(topic);
        CHECK_FALSE(parse_command(devices, {topic, "0"}));
    }
}

TEST_CASE("of a hundred thousand random messages only the four words get through", "[mqtt]") {
    std::mt19937 random(8);
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    const std::vector<std::string> pieces{"P",
                                          "/",
                                          "pdu",
                                          "/pdu/outlet/",
                                          "out",
                                          "1",
                                          "8",
                                          "9",
                                          "/set",
                                          "/cancel",
                                          "\xff",
                                          "+",
                                          "out8",
                                          "#",
                                          "P/pdu/outlet/out3/set",
                                          "",
                                          "set"};
    const std::vector<std::string> words{"0", "1", "ON", "OFF", "PRESS", "", "on", "2", "\xff\xfe"};
    int through = 0;
    for (int i = 0; i < 100'000; ++i) {
        Incoming message;
        if (below(3) == 0) {
            message.topic = "P/pdu/outlet/out" + std::to_string(below(11)) +
                            (below(2) == 0 ? "/set" : "/cancel");
        } else {
            for (auto parts = below(6); parts > 0; --parts) {
                message.topic += pieces[below(pieces.size())];
            }
        }
        message.payload = words[below(words.size())];
        message.retained = below(4) == 0;
        const auto command = parse_command(devices, message);
        if (!command || !command->refusal.empty()) {
            continue;
        }
        ++through;
        INFO(message.topic << " " << message.payload);
        const bool cancels = command->order.action == Action::cancel;
        const auto& word = message.payload;
        CHECK_FALSE(message.retained);
        CHECK((cancels ? word == "PRESS"
                       : word == "0" || word == "1" || word == "ON" || word == "OFF"));
        CHECK(message.topic == "P/pdu/outlet/out" + std::to_string(command->order.outlet.outlet()) +
                                   (cancels ? "/cancel" : "/set"));
    }
    CHECK(through > 1'000);
}
