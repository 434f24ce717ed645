// SPDX-License-Identifier: MIT
#include "mqtt/leftovers.h"

#include <catch2/catch.hpp>

#include "mqtt/discovery.h"

using namespace pwlog;

namespace {

const HomeOptions home{HomeOptions::Form::device, "ha", "$CONNECTED/rack", "0.1.0"};

BoardOptions board_of(std::vector<std::string> pdus) {
    return {.prefix = "P", .pdus = std::move(pdus), .home = home};
}

/// As it was announced where it had its topics below `above`.
std::vector<Incoming> announced(const std::string& id, const std::string& above,
                                HomeOptions::Form form, const std::string& presence = {}) {
    PduContext pdu;
    pdu.device.id = id;
    auto options = home;
    options.form = form;
    if (!presence.empty()) {
        options.presence_topic = presence;
    }
    std::vector<Incoming> messages;
    for (const auto& [topic, payload] : announcement(options, home_device(above, pdu, "", {3}))) {
        messages.push_back({topic, payload, true});
    }
    return messages;
}

using Said = std::vector<MqttMessage>;

}  // namespace

TEST_CASE("an announcement is taken back where its device has other topics now, or none",
          "[mqtt]") {
    const auto form = GENERATE(HomeOptions::Form::device, HomeOptions::Form::entity);
    const Leftovers leftovers("ha", "$CONNECTED/rack", board_of({"a.b", "c"}));
    for (const auto& message : announced("a.b", "P", form)) {
        CHECK(leftovers.last_words(message).empty());  // it is the first, as it was
    }
    // The second, whose topics were those of the first: its switches would now be the first's.
    for (const auto& message : announced("c", "P", form)) {
        if (!message.payload.empty()) {
            CHECK(leftovers.last_words(message) == Said{{message.topic, ""}});
        }
    }
    // The first, where it was the second, and one that is not configured.
    for (const auto* const id : {"a.b", "old", "o.ld"}) {
        const std::string above = std::string("P/") + id;
        for (const auto& message : announced(id, above, form)) {
            if (!message.payload.empty()) {
                CHECK(leftovers.last_words(message) ==
                      Said{{message.topic, ""}, {above + "/pdu/availability", "offline"}});
            }
        }
    }
}

TEST_CASE("what others announce, or somebody says just now, is no leftover", "[mqtt]") {
    const Leftovers leftovers("ha", "$CONNECTED/rack", board_of({"c"}));
    auto message = announced("old", "P", HomeOptions::Form::device, "$CONNECTED/rack2").front();
    CHECK(leftovers.last_words(message).empty());
    message = announced("old", "P", HomeOptions::Form::device).front();
    CHECK_FALSE(leftovers.last_words(message).empty());
    message.retained = false;
    CHECK(leftovers.last_words(message).empty());
    message = announced("old", "Q/other", HomeOptions::Form::device).front();
    CHECK(leftovers.last_words(message) == Said{{message.topic, ""}});  // whose topic that is?
}

TEST_CASE("no topic is too short to be looked at", "[mqtt]") {
    const Leftovers leftovers("ha", "$CONNECTED/rack", board_of({"c"}));
    const auto payload = announced("old", "P", HomeOptions::Form::device).front().payload;
    for (const auto* const topic : {"", "ha", "ha/", "ha/config", "ha//config", "ha///config",
                                    "ha/pwlog_/config", "config", "/config", "ha/device/config"}) {
        CHECK(leftovers.last_words({topic, payload, true}).empty());
    }
}

TEST_CASE("another logger with topics of ours is a rival, and nobody else", "[mqtt]") {
    const Leftovers leftovers("ha", "$CONNECTED/rack", board_of({"a", "c"}));
    const auto form = GENERATE(HomeOptions::Form::device, HomeOptions::Form::entity);
    for (const auto& message : announced("other", "P", form, "$CONNECTED/rack2")) {
        CHECK(leftovers.is_rivals(message) == !message.payload.empty());
    }
    for (const auto& message : announced("other", "P/c", form, "$CONNECTED/rack2")) {
        CHECK(leftovers.is_rivals(message) == !message.payload.empty());
    }
    for (const auto& message : announced("other", "Q", form, "$CONNECTED/rack2")) {
        CHECK_FALSE(leftovers.is_rivals(message));  // below a prefix of its own
    }
    for (const auto& message : announced("a", "P", form, "$CONNECTED/rack2")) {
        CHECK_FALSE(leftovers.is_rivals(message));  // ours, of before the presence topic changed
    }
    for (const auto& message : announced("other", "P", form)) {
        CHECK_FALSE(leftovers.is_rivals(message));  // a leftover
    }
}

TEST_CASE("a name longer than any of ours is nobody's leftover", "[mqtt]") {
    const Leftovers leftovers("ha", "$CONNECTED/rack", board_of({"c"}));
    const auto longest = std::string(32, '.') + std::string(32, 'x');
    CHECK_FALSE(
        leftovers.last_words(announced(longest, "P", HomeOptions::Form::device).front()).empty());
    auto message = announced("old", "P", HomeOptions::Form::device).front();
    message.topic = "ha/device/pwlog_" + std::string(12'000, 'x') + "/config";
    CHECK(leftovers.last_words(message).empty());
}

TEST_CASE("with nothing to be announced each announcement of ours is a leftover", "[mqtt]") {
    auto board = board_of({"a", "c"});
    board.home.reset();
    const Leftovers leftovers("ha", "$CONNECTED/rack", board);
    for (const auto& message : announced("c", "P/c", HomeOptions::Form::device)) {
        CHECK(leftovers.last_words(message) == Said{{message.topic, ""}});  // it is still read
    }
}
