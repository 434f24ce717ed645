// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "switch_bench.h"
#include "switching/switch_goal.h"
#include "switching/switch_limit.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

const auto everything = *pdu::SwitchPermit::of({1, 2, 3, 4, 5, 6, 7, 8});

OutletStates states_of(std::string_view digits) {
    OutletStates states{};
    for (std::size_t i = 0; i < states.size(); ++i) {
        states.at(i) = static_cast<pdu::OutletState>(digits.at(i) - '0');
    }
    return states;
}

Commands plan(const SwitchOrder& wanted, std::string_view digits) {
    const auto commands = plan_switch(wanted, everything, states_of(digits));
    REQUIRE(commands);
    Commands texts;
    for (const auto& command : *commands) {
        texts.push_back(command.text());
    }
    return texts;
}

}  // namespace

TEST_CASE("which commands follow from what outlet 1 shows", "[agent]") {
    // Digits 0 to 6: off, on, shutdown active and imminent, restore active, overload, locked.
    const std::string to_on = "S,1.1R0000";
    const std::array<std::string, 7> on{to_on, "", "CS,1", "CS,1", to_on, "", to_on};
    const std::array<std::string, 7> off{"", "S,100", "S,100", "S,100", "S,100", "S,100", "S,100"};
    const std::array<std::string, 7> cancel{"", "", "CS,1", "CS,1", "CS,1", "", ""};
    for (std::size_t digit = 0; digit < on.size(); ++digit) {
        const std::string digits = std::to_string(digit) + "1111111";
        const auto one = [](const std::string& text) {
            return text.empty() ? Commands{} : Commands{text};
        };
        INFO(digits);
        CHECK(plan(order(Action::on, 1), digits) == one(on.at(digit)));
        CHECK(plan(order(Action::off, 1), digits) == one(off.at(digit)));
        CHECK(plan(order(Action::cancel, 1), digits) == one(cancel.at(digit)));
    }
}

TEST_CASE("all outlets get one command where all need it, and none that does not", "[agent]") {
    CHECK(plan(order(Action::off, 0), "11111111") == Commands{"S,A00"});
    CHECK(plan(order(Action::off, 0), "01111110").size() == 6);
    CHECK(plan(order(Action::on, 0), "01131111") == Commands{"S,1.1R0000", "CS,4"});
    CHECK(plan(order(Action::cycle, 0), "00000001") == Commands{"S,800R0000"});
    CHECK(plan(order(Action::cancel, 0), "22222222") == Commands{"CS,A"});
}

TEST_CASE("what an order leaves alone is named with what it shows", "[agent]") {
    const auto left = [](Action action, int outlet, const std::string& digits) {
        return left_alone(order(action, outlet), states_of(digits));
    };
    CHECK(left(Action::cycle, 0, "11101101") == "left as they were: outlets 4 (off), 7 (off)");
    CHECK(left(Action::on, 8, "11101101") == "left as it was: outlet 8 (on)");
    CHECK(left(Action::off, 8, "11101101").empty());
    CHECK(left(Action::cycle, 0, "11111111").empty());
}

TEST_CASE("where no outlet can be cycled that is said, and nothing sent", "[agent]") {
    const auto refused = plan_switch(order(Action::cycle, 0), everything, states_of("00000060"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
    CHECK(refused.error().message == "no outlet is on, so none can be cycled: `on` turns them on");
}

TEST_CASE("an order in any state sends its command whatever is shown", "[agent]") {
    auto shutdown = order(Action::off, 8);
    shutdown.in_any_state = true;
    shutdown.delay = 30s;
    CHECK(plan(shutdown, "00000000") == Commands{"S,8.5"});
    shutdown.action = Action::cycle;
    shutdown.restore_after = 9999min;
    CHECK(plan(shutdown, "00000000") == Commands{"S,8.5R9999"});
}

TEST_CASE("an order that makes no sense is refused before the device is asked", "[agent]") {
    auto wrong = order(Action::off, 1);
    wrong.delay = 7s;
    CHECK(check_switch(wrong, everything).error().kind == ErrorKind::invalid);
    wrong.delay = 100min;
    CHECK(check_switch(wrong, everything).error().kind == ErrorKind::invalid);
    wrong.delay = 0s;
    wrong.restore_after = 0min;
    CHECK(check_switch(wrong, everything).error().kind == ErrorKind::invalid);
    CHECK(check_switch(order(Action::on, 1), {}).error().kind == ErrorKind::denied);
}

TEST_CASE("a goal is reached when each outlet concerned shows it", "[agent]") {
    const auto before = states_of("10110111");
    const auto reached = [](SwitchGoal& goal, std::string_view digits) {
        goal.see(states_of(digits), SteadyTime(11s));
        return goal.is_reached();
    };
    SwitchGoal off(order(Action::off, 1), before);
    CHECK_FALSE(reached(off, "30110111"));
    CHECK(reached(off, "00110111"));
    SwitchGoal cycle(order(Action::cycle, 1), before);
    CHECK_FALSE(reached(cycle, "10110111"));
    CHECK(cycle.never_off(pdu::OutletChoice::all()) == std::vector<int>{1});
    CHECK_FALSE(reached(cycle, "40110111"));
    CHECK(reached(cycle, "10110111"));  // it has been off
    SwitchGoal all(order(Action::on, 0), before);
    CHECK_FALSE(reached(all, "11110111"));
    CHECK(reached(all, "11111111"));
}

namespace {

/// A goal to cancel what shows `before` and ends by itself then.
SwitchGoal cancelling(std::string_view before, std::optional<SteadyTime> end) {
    SwitchGoal goal(order(Action::cancel, 1), states_of(before));
    goal.know_ends({end});
    return goal;
}

using Looks = std::vector<std::pair<std::string_view, std::chrono::seconds>>;

void look(SwitchGoal& goal, const Looks& looks) {
    for (const auto& [digits, at] : looks) {
        goal.see(states_of(digits), SteadyTime(at));
    }
}

}  // namespace

TEST_CASE("a cancelling is done only where the countdown did not go on to its end", "[agent]") {
    const auto reached = [](std::string_view before, const Looks& looks) {
        auto goal = cancelling(before, SteadyTime(20s));
        look(goal, looks);
        return goal.is_reached();
    };
    const auto going_off = GENERATE("20110111", "30110111");
    CHECK(reached(going_off, {{"10110111", 11s}}));
    CHECK_FALSE(reached(going_off, {{"10110111", 25s}}));  // on again by itself?
    CHECK_FALSE(reached(going_off, {{going_off, 11s}}));
    CHECK(reached(going_off, {{"00110111", 11s}}));  // it was so before
    CHECK_FALSE(reached(going_off, {{"40110111", 21s}}));
    CHECK_FALSE(reached(going_off, {{going_off, 11s}, {"40110111", 21s}, {"10110111", 22s}}));
    CHECK(reached(going_off, {{going_off, 11s}, {"10110111", 12s}}));
    CHECK_FALSE(reached(going_off, {{going_off, 11s}, {"10110111", 25s}}));  // on again by itself?
    CHECK_FALSE(reached(going_off, {{going_off, 11s}, {"00110111", 21s}}));
    CHECK(reached("40110111", {{"00110111", 11s}}));  // what was to come on stays off
    CHECK_FALSE(reached("40110111", {{"40110111", 11s}}));
    CHECK(reached("00110111", {{"00110111", 11s}}));
}

TEST_CASE("a cancelling that nothing proves is in doubt, on or off", "[agent]") {
    const auto going_off = GENERATE("20110111", "30110111");
    const std::string_view shown = GENERATE("10110111", "00110111");
    const auto doubt = [&](std::optional<SteadyTime> end, const Looks& looks) {
        auto goal = cancelling(going_off, end);
        look(goal, looks);
        CHECK(goal.is_reached() == !goal.is_lost());
        return goal.in_doubt() == std::vector{1};
    };
    CHECK(doubt({}, {{shown, 11s}}));               // its end is not known
    CHECK(doubt(SteadyTime(10s), {{shown, 11s}}));  // it was over by then
    CHECK_FALSE(doubt(SteadyTime(20s), {{shown, 11s}}));
    CHECK_FALSE(doubt(SteadyTime(20s), {{shown, 11s}, {shown, 21s}}));
}

TEST_CASE("what went on counting after it was accepted, and is off, failed for sure", "[agent]") {
    const auto end = GENERATE(std::optional<SteadyTime>(), std::optional(SteadyTime(20s)));
    auto goal = cancelling("20110111", end);
    look(goal, {{"20110111", 11s}, {"00110111", 21s}});
    CHECK(goal.is_lost());
    CHECK(goal.in_doubt().empty());
    auto back = cancelling("20110111", end);
    look(back, {{"40110111", 21s}});
    CHECK_FALSE(back.is_lost());  // it is still to come on
    look(back, {{"10110111", 80s}});
    CHECK(back.is_lost());
    CHECK(back.in_doubt().empty());
}

TEST_CASE("where one outlet surely went off, another's doubt makes that no less sure", "[agent]") {
    SwitchGoal goal(order(Action::cancel, 0), states_of("22111111"));
    goal.know_ends({SteadyTime(20s), SteadyTime(5s)});
    goal.see(states_of("20111111"), SteadyTime(11s));
    CHECK_FALSE(goal.is_lost());
    goal.see(states_of("10111111"), SteadyTime(12s));
    CHECK(goal.is_lost());
    CHECK(has(goal.unseen(), "outlet 2 may have gone off"));
    SwitchGoal other(order(Action::cancel, 0), states_of("22111111"));
    other.see(states_of("20111111"), SteadyTime(11s));
    other.see(states_of("00111111"), SteadyTime(21s));
    CHECK(other.is_lost());
    CHECK(other.unseen().empty());
}

TEST_CASE("a cycle is done only where each outlet was seen off", "[agent]") {
    SwitchGoal cycle(order(Action::cycle, 0), states_of("11000000"));
    cycle.see(states_of("41000000"), SteadyTime(11s));
    cycle.see(states_of("11000000"), SteadyTime(11s));
    CHECK_FALSE(cycle.is_reached());
    CHECK(cycle.never_off(pdu::OutletChoice::all()) == std::vector<int>{2});
    CHECK(cycle.were_off(*pdu::OutletChoice::number(1)));
}

TEST_CASE("a limit counts any minute, and by its saved text in the next process", "[agent]") {
    SwitchLimit limit(2);
    CHECK(limit.take(1h));
    CHECK(limit.take(1h + 30s));
    CHECK_FALSE(limit.take(1h + 59s));
    SwitchLimit next(2);
    next.restore(limit.save());
    CHECK_FALSE(next.take(1h + 59s));
    CHECK(next.take(1h + 60s));
    CHECK_FALSE(next.take(1h + 61s));
    next.restore("no numbers");
    CHECK(next.take(1h + 61s));
}

TEST_CASE("what was switched before the machine started anew counts for a minute more", "[agent]") {
    SwitchLimit before(1);
    CHECK(before.take(72h));
    SwitchLimit limit(1);
    limit.restore(before.save());
    CHECK_FALSE(limit.take(15s));
    CHECK_FALSE(limit.take(74s));
    CHECK(limit.take(75s));
    SwitchLimit later(1);  // asked for the first time long after the start
    later.restore(before.save());
    CHECK(later.take(73h));
}
