// SPDX-License-Identifier: MIT
#include "events/settings_watch.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

std::vector<MemoryValue> pdu_word(int address, const std::string& payload) {
    auto values = pdu::decode_memory(address, payload);
    REQUIRE(values);
    return *values;
}

std::string memory_answer(int address, const std::string& word) {
    return (address < 10 ? "0" + std::to_string(address) : std::string("0:")) + word;
}

}  // namespace

TEST_CASE("a setting seen for the first time is no event", "[events]") {
    SettingsWatch watch({"rack1-pdu", "PDU", "Rack 1"});
    const auto values = pdu_word(3, memory_answer(3, "0714"));
    CHECK(watch.is_news(values));
    CHECK(watch.update(values).empty());
    CHECK_FALSE(watch.is_news(values));
    CHECK(watch.update(values).empty());
}

TEST_CASE("one changed memory word is one event with old and new value", "[events]") {
    SettingsWatch watch({"rack1-pdu", "PDU", "Rack 1"});
    CHECK(watch.update(pdu_word(3, memory_answer(3, "0714"))).empty());
    const auto events = watch.update(pdu_word(3, memory_answer(3, "071>")));  // 0x1E: 3.0 A
    CHECK(only(events).action == "setting_changed");
    CHECK(only(events).category == "configuration");
    CHECK(only(events).type == "change");
    CHECK(only(events).message == "Rack 1: out3_current_alarm changed from 2 to 3 A");
    CHECK(detail(only(events), "setting") == "out3_current_alarm");
    CHECK(detail(only(events), "old_value") == "2");
    CHECK(detail(only(events), "new_value") == "3");
    CHECK(detail(only(events), "setting_unit") == "A");
    CHECK(watch.known("out3_current_alarm") == "3");
}

TEST_CASE("a word that holds two settings tells of the one that changed, or of both", "[events]") {
    SettingsWatch watch({"rack1-pdu", "PDU"});
    CHECK(watch.update(pdu_word(3, memory_answer(3, "0714"))).empty());
    CHECK(detail(only(watch.update(pdu_word(3, memory_answer(3, "0514")))), "setting") ==
          "out3_config");
    CHECK(watch.update(pdu_word(3, memory_answer(3, "0715"))).size() == 2);
}

TEST_CASE("what a setting was is known after a restart", "[events]") {
    SettingsWatch before({"rack1-pdu", "PDU"});
    CHECK(before.update("firmware", "00.15").empty());
    SettingsWatch after({"rack1-pdu", "PDU"});
    after.restore(before.save());
    CHECK(after.update("firmware", "00.15").empty());
    const auto events = after.update("firmware", "00.16");
    CHECK(only(events).message == "rack1-pdu: firmware changed from 00.15 to 00.16");
}
