// SPDX-License-Identifier: MIT
#include "mqtt/outbox.h"

#include <poll.h>

#include <catch2/catch.hpp>

using namespace pwlog;

namespace {

std::vector<std::string> take_all(Outbox& outbox) {
    std::vector<std::string> taken;
    while (const auto next = outbox.next()) {
        taken.push_back(next->message.topic + "=" + next->message.payload +
                        (next->retain ? " retained" : ""));
    }
    return taken;
}

bool has_news(const Outbox& outbox) {
    pollfd waits{outbox.news_fd(), POLLIN, 0};
    return poll(&waits, 1, 0) == 1;
}

using Taken = std::vector<std::string>;

}  // namespace

TEST_CASE("the newest state of a topic wins, in the place of the oldest", "[mqtt]") {
    Outbox outbox(true);
    outbox.set({"a", "1"});
    outbox.set({"b", "1"});
    outbox.set({"a", "2"});
    CHECK(outbox.counters().superseded == 1);
    CHECK(outbox.counters().waiting == 2);
    CHECK(take_all(outbox) == Taken{"a=2 retained", "b=1 retained"});
    CHECK(outbox.counters().waiting == 0);
}

TEST_CASE("however long nobody takes anything, what waits is bounded", "[mqtt]") {
    Outbox outbox(false);
    for (int i = 0; i < 100'000; ++i) {
        outbox.set({"a", std::to_string(i)});
        outbox.tell({"event", std::to_string(i)});
    }
    CHECK(outbox.counters().superseded == 99'999);
    CHECK(outbox.counters().dropped == 99'000);
    const auto taken = take_all(outbox);
    REQUIRE(taken.size() == 1'001);
    CHECK(taken.front() == "a=99999");
    CHECK(taken[1] == "event=99000");
    CHECK(taken.back() == "event=99999");
}

TEST_CASE("topics without end are dropped, and counted", "[mqtt]") {
    Outbox outbox(true);
    for (int i = 0; i < 20'000; ++i) {
        outbox.set({std::to_string(i), "x"});
    }
    CHECK(outbox.counters().waiting == 16'384);
    CHECK(outbox.counters().dropped == 20'000 - 16'384);
}

TEST_CASE("all states go out again where the broker may have forgotten them", "[mqtt]") {
    Outbox outbox(false);
    outbox.keep({"config", "{}"});
    outbox.set({"a", "1"});
    outbox.tell({"event", "x"});
    CHECK(take_all(outbox) == Taken{"config={} retained", "a=1", "event=x"});
    outbox.set({"a", "2"});
    outbox.all_again();
    CHECK(take_all(outbox) == Taken{"config={} retained", "a=2"});
}

TEST_CASE("what is only kept goes out when it changes", "[mqtt]") {
    Outbox outbox(false);
    outbox.keep({"config", "1"});
    CHECK(take_all(outbox).size() == 1);
    outbox.keep({"config", "1"});
    CHECK(take_all(outbox).empty());
    outbox.keep({"config", "2"});
    CHECK(take_all(outbox) == Taken{"config=2 retained"});
}

TEST_CASE("news wake whoever waits for them, until they are seen", "[mqtt]") {
    Outbox outbox(true);
    CHECK_FALSE(has_news(outbox));
    outbox.set({"a", "1"});
    CHECK(has_news(outbox));
    outbox.news_seen();
    CHECK_FALSE(has_news(outbox));
    outbox.tell({"event", "x"});
    CHECK(has_news(outbox));
}

TEST_CASE("a last word is said until the broker has taken it, and then forgotten", "[mqtt]") {
    Outbox outbox(false);
    outbox.take_back({"a", ""});
    CHECK(outbox.counters().waiting == 1);
    CHECK(take_all(outbox) == Taken{"a= retained"});
    outbox.all_again();  // the connection was lost meanwhile
    CHECK(take_all(outbox) == Taken{"a= retained"});
    CHECK(outbox.again("a"));  // refused, and allowed since
    CHECK(take_all(outbox) == Taken{"a= retained"});
    outbox.was_taken("a");
    outbox.all_again();  // by now it may be somebody else's
    CHECK_FALSE(outbox.again("a"));
    CHECK(take_all(outbox).empty());
    CHECK(outbox.counters().waiting == 0);
}

TEST_CASE("no last word is said on a topic that has a state", "[mqtt]") {
    Outbox outbox(true);
    outbox.keep({"a", "online"});
    outbox.take_back({"a", "offline"});
    CHECK(take_all(outbox) == Taken{"a=online retained"});
    outbox.take_back({"b", "offline"});
    outbox.keep({"b", "online"});
    outbox.take_back({"c", "offline"});
    CHECK(take_all(outbox) == Taken{"b=online retained", "c=offline retained"});
    outbox.was_taken("b");
    outbox.all_again();
    CHECK(take_all(outbox) ==
          Taken{"a=online retained", "b=online retained", "c=offline retained"});
}

TEST_CASE("an acknowledgement of what was said before ends no last word that waits", "[mqtt]") {
    Outbox outbox(true);
    outbox.take_back({"a", "1"});
    CHECK(take_all(outbox).size() == 1);
    outbox.all_again();
    outbox.was_taken("a");
    CHECK(take_all(outbox) == Taken{"a=1 retained"});
}

TEST_CASE("last words without end are dropped, and counted", "[mqtt]") {
    Outbox outbox(true);
    for (int i = 0; i < 20'000; ++i) {
        outbox.take_back({std::to_string(i), ""});
    }
    CHECK(outbox.counters().waiting == 16'384);
    CHECK(outbox.counters().dropped == 20'000 - 16'384);
}

TEST_CASE("last words are bounded by their bytes, too", "[mqtt]") {
    Outbox outbox(true);
    const std::string long_topic(60'000, 'x');
    for (int i = 0; i < 1000; ++i) {
        outbox.take_back({long_topic + std::to_string(i), ""});
    }
    const auto kept = outbox.counters().waiting;
    CHECK(kept > 100);
    CHECK(kept < 150);
    CHECK(outbox.counters().dropped == 1000 - kept);
    take_all(outbox);
    for (int i = 0; i < 1000; ++i) {
        outbox.was_taken(long_topic + std::to_string(i));
    }
    outbox.take_back({long_topic, ""});  // there is room again
    CHECK(outbox.counters().waiting == 1);
}

TEST_CASE("a last word that is given again while it waits is said once", "[mqtt]") {
    Outbox outbox(true);
    for (int i = 0; i < 3; ++i) {
        outbox.take_back({"a", "offline"});
        CHECK(outbox.again("a"));
    }
    CHECK(outbox.counters().waiting == 1);
    const auto next = outbox.next();
    REQUIRE(next);
    CHECK(next->is_last);
    CHECK_FALSE(outbox.next());
}

TEST_CASE("who begins to listen is told what is kept, and no state as if it were new", "[mqtt]") {
    Outbox outbox(true);
    outbox.set({"state", "1"});
    outbox.keep({"availability", "online"});
    CHECK(take_all(outbox).size() == 2);
    outbox.kept_again();
    outbox.kept_again();
    CHECK(take_all(outbox) == Taken{"availability=online retained"});
    outbox.all_again();  // another broker
    CHECK(take_all(outbox).size() == 2);
}
