#include "mqtt/state_board.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

std::map<std::string, std::string> take_all(Outbox& outbox) {
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
    auto topics = take_all(outbox);
    CHECK(topics.count("P/pdu/power/out8") == 1);
    CHECK(topics.at("P/pdu/availability") == "online");
    CHECK(topics.at("P/alert").find("ats") == std::string::npos);
    board.saw(ats_named("ats1"), "", captured_ats());
    topics = take_all(outbox);
    CHECK(topics.count("P/ats/status") == 1);
    CHECK(topics.at("P/alert").find(R"("pdu_out3":1)") != std::string::npos);
    CHECK(topics.at("P/alert").find(R"("ats":0)") != std::string::npos);
    board.saw(pdu_named("pdu2"), "", captured_pdu());
    board.saw(ats_named("ats2"), "", captured_ats());
    topics = take_all(outbox);
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
    CHECK(take_all(outbox) ==
          std::map<std::string, std::string>{{"P/ats/availability", "offline"}});
    board.saw(ats_named("ats1"), "", captured_ats());
    CHECK(take_all(outbox).at("P/ats/availability") == "online");
    board.missed({"ats1", ""});
    CHECK(take_all(outbox) ==
          std::map<std::string, std::string>{{"P/ats/availability", "offline"}});
}

TEST_CASE("a UPS has the topics of the library's ups.py, less the doubled prefix", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P", .ups = {"ups1"}}, outbox);
    UpsReading reading;
    reading.status = "OL";
    reading.published = {{"battery.charge", "87"}, {"ups.status", "OL"}};
    board.saw_ups({"ups1", ""}, reading);
    CHECK(take_all(outbox) == std::map<std::string, std::string>{{"P/ups/battery.charge", "87"},
                                                                 {"P/ups/ups.status", "OL"},
                                                                 {"P/ups/availability", "online"}});
    board.saw_ups({"ups1", ""}, std::nullopt);
    CHECK(take_all(outbox) ==
          std::map<std::string, std::string>{{"P/ups/availability", "offline"}});
}

TEST_CASE("an event goes out as it was kept, once", "[mqtt]") {
    Outbox outbox(true);
    StateBoard board({.prefix = "P"}, outbox);
    board.heard({"id", R"({"event":{"action":"transfer"}})"});
    const auto next = outbox.next();
    REQUIRE(next);
    CHECK(next->message == MqttMessage{"P/event", R"({"event":{"action":"transfer"}})"});
    CHECK_FALSE(next->retain);
    outbox.all_again();
    CHECK_FALSE(outbox.next());
}
