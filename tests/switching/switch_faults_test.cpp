// SPDX-License-Identifier: MIT
// Devices that don't do what they say, ports that go, people who go, and permits that change.
#include <catch2/catch.hpp>
#include <thread>

#include "switch_bench.h"

using namespace pwlog;
using namespace pwlog::test;

TEST_CASE("a cancelling that is accepted and ignored goes out once, whatever other outlets show",
          "[agent]") {
    Bench bench({1}, 100, 1);
    bench.switch_off_in(300s, 1);
    REQUIRE(bench.served().inject("fault ignored 1 only CS"));
    auto on = order(Action::on, 1);
    on.delay = 0s;
    const auto report = bench.carry_out(on);  // 4 and 7 are off all the while
    CHECK(report.request.outcome == Ended::failed);
    CHECK(has(report.error->message, "21101101"));
    CHECK(bench.sent() == Commands{"S,105", "CS,1"});
}

TEST_CASE("a state that shows late is waited for, and nothing is sent twice", "[agent]") {
    Bench bench({1}, 100, 1);
    bench.switch_off_in(300s, 1);
    REQUIRE(bench.served().inject("set pdu lag 1500ms"));
    REQUIRE(bench.served().inject("fault nak next 1 after 1 only CS"));
    const auto report = bench.carry_out(order(Action::on, 1));
    CHECK(report.request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,105", "CS,1"});
}

TEST_CASE("on for all outlets does not cancel what it has just turned on", "[agent]") {
    Bench bench({1, 2, 3, 4, 5, 6, 7, 8}, 100, 3);
    bench.switch_off_in(99min, 3);
    const auto report = bench.carry_out(order(Action::on, 0));
    CHECK(report.request.outcome == Ended::done);
    CHECK(report.request.digits_after == "11111111");
    CHECK(bench.sent() == Commands{"S,399", "CS,3", "S,4.1R0000", "S,7.1R0000"});
}

TEST_CASE("an outlet that went off all the same is turned on once, if that is still permitted",
          "[agent]") {
    Bench bench({8}, 100, 6);
    bench.switch_off_in(12s, 8);
    REQUIRE(bench.served().inject("fault ignored next 1 only CS"));
    SECTION("it is") {
        const auto report = bench.carry_out(order(Action::on, 8));
        CHECK(report.request.outcome == Ended::done);
        CHECK(bench.sent() == Commands{"S,8.2", "CS,8", "S,8.1R0000"});
    }
    SECTION("the permit was withdrawn meanwhile") {
        const auto report = bench.switcher().carry_out(order(Action::on, 8),
                                                       [&](const SwitchProgress&) {
                                                           bench.switcher().set_permit({});
                                                           return true;
                                                       },
                                                       {});
        CHECK(report.request.outcome == Ended::failed);
        CHECK(report.error->kind == ErrorKind::denied);
        CHECK(bench.sent() == Commands{"S,8.2", "CS,8"});
    }
}

TEST_CASE("an outlet that does not go on all the same is asked to once", "[agent]") {
    Bench bench({8}, 100, 20);
    bench.switch_off_in(12s, 8);  // 0.6 s here
    REQUIRE(bench.served().inject("fault ignored next 1 only CS"));
    REQUIRE(bench.served().inject("fault ignored 1 only S"));
    auto on = order(Action::on, 8);
    on.delay = 0s;  // so that it is seen off with time left for a second try
    const auto report = bench.carry_out(on);
    CHECK(report.request.outcome == Ended::failed);
    CHECK(bench.sent() == Commands{"S,8.2", "CS,8", "S,800R0000"});
}

TEST_CASE("a cancelling that came to nothing is not done because the outlet went off", "[agent]") {
    Bench bench({8}, 100, 6);
    bench.switch_off_in(12s, 8);
    REQUIRE(bench.served().inject("fault ignored next 1 only CS"));
    const auto report = bench.carry_out(order(Action::cancel, 8));
    CHECK(report.request.outcome == Ended::failed);
    REQUIRE(report.error);
    CHECK(has(report.error->message, "the outlets show "));
    CHECK(bench.sent() == Commands{"S,8.2", "CS,8"});
}

TEST_CASE("a cancelling after which the outlet is off at once may have come too late", "[agent]") {
    Bench bench({8}, 100, 6);
    bench.switch_off_in(6s, 8);  // 1 s here
    REQUIRE(bench.served().inject("fault ignored next 1 only CS"));
    REQUIRE(bench.served().inject("fault drop 1 only QSR"));  // which takes longer
    const auto report = bench.carry_out(order(Action::cancel, 8));
    CHECK(report.request.outcome == Ended::unknown);
    REQUIRE(report.error);
    CHECK(has(report.error->message, "outlet 8 may have gone off before the command was there"));
    CHECK(bench.sent() == Commands{"S,8.1", "CS,8"});
}

TEST_CASE("a cancelling is known to be in time where the countdown had time left", "[agent]") {
    Bench bench({4}, 100, 1);
    const auto turn_on_in = [&](std::chrono::seconds delay, bool in_any_state) {
        auto later = order(Action::on, 4);  // which is off
        later.delay = delay;
        later.wait = false;
        later.in_any_state = in_any_state;
        REQUIRE_FALSE(bench.carry_out(later).error);
    };
    turn_on_in(300s, false);
    SECTION("that was asked") {
        REQUIRE(bench.device().read_cycle({}));
        const auto report = bench.carry_out(order(Action::cancel, 4));
        CHECK(report.request.outcome == Ended::done);
        CHECK(report.request.digits_after == "11101101");
    }
    SECTION("a command came behind the question") {
        REQUIRE(bench.device().read_cycle({}));
        turn_on_in(60s, true);
        CHECK(bench.carry_out(order(Action::cancel, 4)).request.outcome == Ended::done);
    }
    SECTION("nobody says how much") {
        REQUIRE(bench.served().inject("fault drop 1 only QSR"));
        CHECK(bench.carry_out(order(Action::cancel, 4)).request.outcome == Ended::unknown);
    }
    CHECK(bench.sent().back() == "CS,4");
}

TEST_CASE("a cycle is done where the outlet was seen off and on, if only for a second", "[agent]") {
    Bench bench({8}, 100, 1);
    SECTION("it was") {
        const auto report = bench.carry_out(order(Action::cycle, 8));
        CHECK(report.request.outcome == Ended::done);
        CHECK(bench.sent() == Commands{"S,800R0000"});
    }
    SECTION("the device ignores it") {
        REQUIRE(bench.served().inject("fault ignored 1 only S"));
        const auto report = bench.carry_out(order(Action::cycle, 8));
        CHECK(report.request.outcome == Ended::unknown);
        CHECK(has(report.error->message, "outlet 8 was never seen off"));
    }
}

TEST_CASE("what a device refused and shows all the same is done", "[agent]") {
    Bench bench({8});
    REQUIRE(bench.served().inject("fault nak next 1 only S"));
    const auto report = bench.switcher().carry_out(
        order(Action::off, 8),
        [&](const SwitchProgress&) {
            return bench.served().inject("set outlet 8 shows 0").has_value();
        },
        {});
    CHECK(report.request.outcome == Ended::done);
}

TEST_CASE("a port that goes between a command and its answer is no failure of the command",
          "[agent]") {
    Bench bench({8});
    SECTION("it comes back, and shows it") {
        REQUIRE(bench.served().inject("fault unplug next 1 for 500ms only S"));
        CHECK(bench.carry_out(order(Action::off, 8)).request.outcome == Ended::done);
    }
    SECTION("it stays away") {
        REQUIRE(bench.served().inject("fault unplug next 1 for 1h only S"));
        const auto report = bench.carry_out(order(Action::off, 8));
        CHECK(report.request.outcome == Ended::unknown);
        CHECK(report.sent == Commands{"S,800"});
        CHECK(has(bench.events().back(), R"("outcome":"unknown")"));
    }
    CHECK(bench.sent() == Commands{"S,800"});
}

TEST_CASE("who goes before anything is sent has withdrawn the order", "[agent]") {
    Bench bench({8});
    std::stop_source gone;
    gone.request_stop();
    const auto report = bench.switcher().carry_out(order(Action::off, 8), {}, {}, gone.get_token());
    CHECK(report.request.outcome == Ended::withdrawn);
    CHECK(bench.sent().empty());
    CHECK(has(bench.events().back(), "withdrawn before anything was sent"));
}

TEST_CASE("who goes later leaves the order to be carried on and reported", "[agent]") {
    Bench bench({8}, 100, 6);
    auto off = order(Action::off, 8);
    off.delay = 12s;
    const auto report =
        bench.switcher().carry_out(off, [](const SwitchProgress&) { return false; }, {});
    CHECK(report.request.outcome == Ended::done);
}

TEST_CASE("a permit counts from the moment it is set", "[agent]") {
    Bench bench({8});
    bench.switcher().set_permit(*pdu::SwitchPermit::of({1}));
    const auto report = bench.carry_out(order(Action::off, 8));
    CHECK(report.request.outcome == Ended::refused);
    CHECK(bench.carry_out(order(Action::off, 1)).request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,100"});
}

TEST_CASE("other outlets that are never at rest keep no order from being carried out", "[agent]") {
    Bench bench({8});
    std::jthread restless([&](const std::stop_token& stop) {
        for (int digit = 0; !stop.stop_requested(); digit = 1 - digit) {
            (void)bench.served().inject("set outlet 2 shows " + std::to_string(digit));
        }
    });
    for (int i = 0; i < 5; ++i) {
        CHECK(bench.carry_out(order(Action::off, 8)).request.outcome == Ended::done);
    }
}
