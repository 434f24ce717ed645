// SPDX-License-Identifier: MIT
#include "mqtt/command_desk.h"

#include <catch2/catch.hpp>

#include "support/eventually.h"
#include "switching/switch_bench.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

/// On which nothing is ever answered.
struct DeadLine final : PduLine {
    Result<void> run(const PduJob&, std::chrono::milliseconds,
                     const std::stop_token& stop) override {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        never.wait(lock, stop, [] { return false; });
        return fail(ErrorKind::stopped, "asked to stop");
    }
};

/// PDUs with a desk for all of them, each below a topic of its number.
class Fleet {
  public:
    explicit Fleet(std::size_t count, bool first_is_dead = false) {
        std::vector<CommandDesk::Pdu> pdus;
        for (std::size_t i = 0; i < count; ++i) {
            auto& bench =
                benches_.emplace_back(std::make_unique<Bench>(std::vector{1, 2, 3, 4, 5, 6, 7, 8}));
            auto line = std::make_shared<DeadLine>();
            std::shared_ptr<Switcher> switcher = i == 0 && first_is_dead
                                                     ? bench->switcher_on(line)
                                                     : bench->switcher_on(bench->line());
            auto setup = switcher->setup();
            setup.device.id = "pdu" + std::to_string(i);
            switcher->set_up_anew(setup);
            pdus.push_back({std::to_string(i), switcher, [] {}});
        }
        desk = std::make_unique<CommandDesk>(pdus, system_clock);
    }

    void turn_off(std::size_t pdu, int outlet) const {
        const auto topic = std::to_string(pdu) + "/pdu/outlet/out" + std::to_string(outlet);
        REQUIRE(desk->take({topic + "/set", "OFF", false}));
    }

  private:
    std::vector<std::unique_ptr<Bench>> benches_;

  public:
    std::unique_ptr<CommandDesk> desk;  // last: it uses them
};

}  // namespace

TEST_CASE("a whole fleet's outlets are switched at once, as those of a rack are", "[mqtt]") {
    constexpr std::size_t count = 48;
    Fleet fleet(count);
    for (std::size_t i = 0; i < count; ++i) {
        fleet.turn_off(i, 8);
    }
    CHECK(fleet.desk->counters().refused == 0);
    REQUIRE(fleet.desk->start());
    CHECK(eventually([&] { return fleet.desk->counters().done == count; }));
}

TEST_CASE("what waits for one PDU is bounded, and another's commands are taken all the same",
          "[mqtt]") {
    Fleet fleet(2);
    for (int i = 0; i < 40; ++i) {
        fleet.turn_off(0, i % 8 + 1);
    }
    CHECK(fleet.desk->counters().refused == 8);
    fleet.turn_off(1, 8);
    CHECK(fleet.desk->counters().refused == 8);
}

TEST_CASE("a PDU that does not answer keeps no other PDU's commands waiting", "[mqtt]") {
    Fleet fleet(2, true);
    for (int outlet = 1; outlet <= 8; ++outlet) {
        fleet.turn_off(0, outlet);
    }
    fleet.turn_off(1, 8);
    REQUIRE(fleet.desk->start());
    CHECK(eventually([&] { return fleet.desk->counters().done == 1; }));
}

TEST_CASE("commands that wait at a stop are not carried out, and each is an event", "[mqtt]") {
    Bench bench({3, 8});
    const std::shared_ptr<Switcher> switcher(std::shared_ptr<void>(), &bench.switcher());
    CommandDesk desk({{"P", switcher, [] {}}}, system_clock);  // not started: whatever comes waits
    for (const auto* const outlet : {"out3", "out8"}) {
        CHECK(desk.take({std::string("P/pdu/outlet/") + outlet + "/set", "OFF"}));
    }
    CHECK(desk.take({"P/pdu/outlet/out1/set", "OFF"}));  // not permitted, and not yet told
    CHECK(bench.events().empty());
    desk.stop();
    CHECK(bench.sent().empty());
    const auto told = bench.events();
    REQUIRE(told.size() == 3);
    for (const auto& event : told) {
        INFO(event);
        CHECK(has(event, R"("outcome":"failure")"));
    }
    CHECK(has(told[0], R"("number":3)"));
    CHECK(has(told[1], R"("number":8)"));
    CHECK(has(told[2], R"("number":1)"));
    CHECK(desk.counters().done == 0);
}
