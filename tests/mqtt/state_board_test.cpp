// SPDX-License-Identifier: MIT
#include "mqtt/state_board.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

std::map<std::string, std::string> take_newest(Outbox& outbox) {
    std::map<std::string, std::string> taken;
    while (const auto next = outbox.next()) {
        taken[next->message.topic] = next->message.payload;
    }
    return taken;
}

PduContext pdu_named(const std::string& id) {
    PduContext context;
    context.device.id = id;
    return context;
}

AtsContext ats_named(const std::string& id) {
    AtsContext context;
    context.device.id = id;
    return context;
}

}  // namespace

TEST_CASE("the first of each kind has the library's topics, each further one its own", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"pdu1", "pdu2"}, .ats = {"ats1", "ats2"}}, outbox);
    board.saw(pdu_named("pdu1"), "", captured_pdu());
    auto topics = take_newest(outbox);
    CHECK(topics.count("P/pdu/power/out8") == 1);
    CHECK(topics.at("P/pdu/availability") == "online");
    CHECK(topics.at("P/alert").find("ats") == std::string::npos);
    board.saw(ats_named("ats1"), "", captured_ats());
    topics = take_newest(outbox);
    CHECK(topics.count("P/ats/status") == 1);
    CHECK(topics.at("P/alert").find(R"("pdu_out3":1)") != std::string::npos);
    CHECK(topics.at("P/alert").find(R"("ats":0)") != std::string::npos);
    board.saw(pdu_named("pdu2"), "", captured_pdu());
    board.saw(ats_named("ats2"), "", captured_ats());
    topics = take_newest(outbox);
    CHECK(topics.count("P/pdu2/pdu/power/out8") == 1);
    CHECK(topics.count("P/pdu2/alert") == 1);
    CHECK(topics.count("P/ats2/ats/status") == 1);
    for (const auto& [topic, payload] : topics) {
        INFO(topic);
        CHECK((topic.starts_with("P/pdu2/") || topic.starts_with("P/ats2/")));
    }
}

TEST_CASE("a device that cannot be read is offline, its last state left alone", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"pdu1"}, .ats = {"ats1"}}, outbox);
    board.missed({"ats1", ""});
    CHECK(take_newest(outbox) ==
          std::map<std::string, std::string>{{"P/ats/availability", "offline"}});
    board.saw(ats_named("ats1"), "", captured_ats());
    CHECK(take_newest(outbox).at("P/ats/availability") == "online");
    board.missed({"ats1", ""});
    CHECK(take_newest(outbox) ==
          std::map<std::string, std::string>{{"P/ats/availability", "offline"}});
}

TEST_CASE("a UPS has the topics of the library's ups.py, less the doubled prefix", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .ups = {"ups1"}}, outbox);
    UpsReading reading;
    reading.status = "OL";
    reading.published = {{"battery.charge", "87"}, {"ups.status", "OL"}};
    board.saw({"ups1", ""}, reading);
    auto topics = take_newest(outbox);
    // What it does not give is taken away, should somebody have left it there.
    CHECK(topics.at("P/ups/battery.runtime").empty());
    std::erase_if(topics, [](const auto& topic) { return topic.second.empty(); });
    CHECK(topics == std::map<std::string, std::string>{{"P/ups/battery.charge", "87"},
                                                       {"P/ups/ups.status", "OL"},
                                                       {"P/ups/availability", "online"}});
    board.missed({"ups1", ""});
    CHECK(take_newest(outbox) ==
          std::map<std::string, std::string>{{"P/ups/availability", "offline"}});
}

TEST_CASE("what a UPS gives later is announced, and what vanishes is empty, once", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .ups = {"ups1"}, .home = HomeOptions{}}, outbox);
    const std::string config = "homeassistant/device/pwlog_ups1/config";
    UpsReading reading;
    reading.status = "OL";
    reading.published = {{"ups.status", "OL"}};
    board.saw({"ups1", ""}, reading);
    CHECK(take_newest(outbox).at(config).find("P/ups/battery.charge") == std::string::npos);
    reading.published["battery.charge"] = "87";
    board.saw({"ups1", ""}, reading);
    CHECK(take_newest(outbox).at(config).find("P/ups/battery.charge") != std::string::npos);
    board.saw({"ups1", ""}, reading);
    CHECK(take_newest(outbox).count(config) == 0);
    reading.published.erase("battery.charge");
    board.saw({"ups1", ""}, reading);
    auto topics = take_newest(outbox);
    CHECK(topics.at("P/ups/battery.charge").empty());
    CHECK(topics.count(config) == 0);  // it may come back: unknown, and not gone
    board.saw({"ups1", ""}, reading);
    CHECK(take_newest(outbox).count("P/ups/battery.charge") == 0);
}

TEST_CASE("a device too large for one message is announced entity by entity", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"pdu1"}, .home = HomeOptions{}}, outbox);
    board.saw(pdu_named("pdu1"), "", captured_pdu());
    const std::string config = "homeassistant/device/pwlog_pdu1/config";
    CHECK_FALSE(take_newest(outbox).at(config).empty());
    board.was_too_large("P/pdu/status");
    CHECK(take_newest(outbox).empty());
    board.was_too_large(config);
    const auto topics = take_newest(outbox);
    CHECK(topics.at(config).empty());
    CHECK(topics.count("homeassistant/sensor/pwlog_pdu1/in_power/config") == 1);
    for (const auto& [topic, payload] : topics) {
        CHECK(payload.size() < 1'500);
    }
    board.saw(pdu_named("pdu1"), "00.15", captured_pdu());
    CHECK(take_newest(outbox).count("homeassistant/sensor/pwlog_pdu1/in_power/config") == 1);
}

TEST_CASE("an event goes out as it was kept, once", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P"}, outbox);
    board.heard({"id", "powerwalker-events-2026.11", R"({"event":{"action":"transfer"}})"});
    const auto next = outbox.next();
    REQUIRE(next);
    CHECK(next->message == MqttMessage{"P/event", R"({"event":{"action":"transfer"}})"});
    CHECK_FALSE(next->retain);
    outbox.all_again();
    CHECK_FALSE(outbox.next());
}

TEST_CASE("a device that a board does not know yet is none of its business", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"pdu1"}}, outbox);
    CHECK_NOTHROW(board.missed({"pdu2", ""}));
    CHECK_NOTHROW(board.saw(pdu_named("pdu2"), "", captured_pdu()));
    CHECK_NOTHROW(board.saw(ats_named("ats2"), "", captured_ats()));
    CHECK_NOTHROW(board.saw(DeviceTag{"ups2", ""}, UpsReading{}));
    CHECK(take_newest(outbox).empty());
}

TEST_CASE(
    "a board says of those that it has no more that they are not there, and goes on with the rest",
    "[mqtt]") {
    Outbox old(true);
    StateBoard before({.prefix = "P", .pdus = {"a", "b", "c"}, .ats = {"x"}, .ups = {"u"}}, old);
    before.saw(pdu_named("a"), "", captured_pdu());
    before.saw(pdu_named("b"), "", captured_pdu());
    before.missed({"c", ""});
    before.saw(ats_named("x"), "", captured_ats());
    take_newest(old);
    Document happened;
    happened.json = "{}";
    before.heard(happened);
    old.take_back({"P/z/pdu/availability", "offline"});  // of an earlier one, and not taken yet
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"b"}}, outbox);
    board.succeed(before);
    // Of c that was said before; the first PDU's topics are b's now.
    const std::map<std::string, std::string> expected{{"P/b/pdu/availability", "offline"},
                                                      {"P/ats/availability", "offline"},
                                                      {"P/ups/availability", "offline"},
                                                      {"P/z/pdu/availability", "offline"},
                                                      {"P/event", "{}"}};
    CHECK(take_newest(outbox) == expected);
}

TEST_CASE("what waits to be said of a device that goes is said by the board that comes", "[mqtt]") {
    Outbox old(true);
    StateBoard before({.prefix = "P", .pdus = {"a", "b"}}, old);
    before.missed({"b", ""});  // the broker is away
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"a"}}, outbox);
    board.succeed(before);
    CHECK(take_newest(outbox) ==
          std::map<std::string, std::string>{{"P/b/pdu/availability", "offline"}});
}

TEST_CASE("what was announced with other topics is taken back by the board that comes", "[mqtt]") {
    const auto form = GENERATE(HomeOptions::Form::device, HomeOptions::Form::entity);
    HomeOptions home;
    home.form = form;
    Outbox old(true);
    StateBoard before({.prefix = "P", .pdus = {"a", "b", "c"}, .home = home}, old);
    for (const auto* const id : {"a", "b", "c"}) {
        before.saw(pdu_named(id), "", captured_pdu());
    }
    const auto said = take_newest(old);
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"b", "c"}, .home = home}, outbox);
    board.succeed(before);
    const auto taken_back = take_newest(outbox);
    int announcements = 0;
    for (const auto& [topic, payload] : said) {
        if (topic.ends_with("/config") && !payload.empty()) {
            INFO(topic);
            const bool stays = topic.find("pwlog_c/") != std::string::npos;
            CHECK(taken_back.contains(topic) == !stays);
            CHECK((stays || taken_back.at(topic).empty()));
            ++announcements;
        }
    }
    CHECK(announcements >= 3);
    board.saw(pdu_named("b"), "", captured_pdu());
    for (const auto& [topic, payload] : take_newest(outbox)) {
        CHECK((!topic.ends_with("/config") || topic.find("pwlog_b/") != std::string::npos));
    }
}

TEST_CASE("a board that withdraws takes back what it announced, and announces no more", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .pdus = {"a", "b"}, .home = HomeOptions{}}, outbox);
    board.saw(pdu_named("a"), "", captured_pdu());
    const std::string first = "homeassistant/device/pwlog_a/config";
    CHECK_FALSE(take_newest(outbox).at(first).empty());
    board.withdraw();
    CHECK(take_newest(outbox).at(first).empty());
    board.saw(pdu_named("a"), "2", captured_pdu());
    board.saw(pdu_named("b"), "", captured_pdu());
    const auto later = take_newest(outbox);
    for (const auto& [topic, payload] : later) {
        CHECK((!topic.starts_with("homeassistant/") || payload.empty()));
    }
    // An earlier process may have announced it.
    CHECK(later.contains("homeassistant/device/pwlog_b/config"));
    CHECK(later.contains("P/pdu/power/out8"));
}

TEST_CASE("below another prefix nobody is there any more below the one before", "[mqtt]") {
    Outbox old(true);
    StateBoard before({.prefix = "P", .pdus = {"a"}}, old);
    before.saw(pdu_named("a"), "", captured_pdu());
    Outbox outbox(true);
    StateBoard board({.prefix = "Q", .pdus = {"a"}}, outbox);
    board.succeed(before);
    CHECK(take_newest(outbox) ==
          std::map<std::string, std::string>{{"P/pdu/availability", "offline"}});
}
