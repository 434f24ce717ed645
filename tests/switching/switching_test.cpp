// SPDX-License-Identifier: MIT
#include "switching/switching.h"

#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>

#include "daemon/agent.h"
#include "switch_bench.h"
#include "switching/agreed_outlets.h"

using namespace pwlog;
using namespace pwlog::test;

TEST_CASE("off is done when the device shows it, and its event has the digits before and after",
          "[agent]") {
    Bench bench({8});
    const auto report = bench.carry_out(order(Action::off, 8));
    CHECK(report.request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,800"});
    const auto events = bench.events();
    REQUIRE(events.size() == 1);
    CHECK(has(events[0], R"("digits_before":"11101101")"));
    CHECK(has(events[0], R"("digits_after":"11101100")"));
    CHECK(has(events[0], R"("requested_by":"anna")"));
    CHECK(has(events[0], R"("outcome":"success")"));
}

TEST_CASE("an outlet that is as wanted gets no command", "[agent]") {
    Bench bench({4, 8});
    CHECK(bench.carry_out(order(Action::on, 8)).request.outcome == Ended::done);
    CHECK(bench.carry_out(order(Action::off, 4)).request.outcome == Ended::done);
    CHECK(bench.carry_out(order(Action::cancel, 8)).request.outcome == Ended::done);
    CHECK(bench.sent().empty());
    CHECK(bench.events().size() == 3);
}

TEST_CASE("on turns an outlet on that is off, by way of the countdown", "[agent]") {
    Bench bench({4});
    const auto report = bench.carry_out(order(Action::on, 4));
    CHECK(report.request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,4.1R0000"});
}

TEST_CASE("on for an outlet that is about to go off cancels that, and it never loses power",
          "[agent]") {
    Bench bench({8}, 100, 1);
    auto later = order(Action::off, 8);
    later.delay = 300s;
    later.wait = false;
    const auto accepted = bench.carry_out(later);
    REQUIRE_FALSE(accepted.error);
    CHECK(has(accepted.request.reason, "not waited for"));  // not that it was carried out
    const auto report = bench.carry_out(order(Action::on, 8));
    CHECK(report.request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,805", "CS,8"});
    CHECK(report.request.digits_before == "11101102");
    CHECK(report.request.digits_after == "11101101");
}

TEST_CASE("a cycle ends with the outlet on, and leaves one that is off as it is", "[agent]") {
    Bench bench({4, 8});
    auto cycle = order(Action::cycle, 8);
    cycle.restore_after = 1min;
    CHECK(bench.carry_out(cycle).request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,800R0001"});
    const auto refused = bench.carry_out(order(Action::cycle, 4));
    CHECK(refused.request.outcome == Ended::refused);
    CHECK(refused.error->kind == ErrorKind::invalid);
    CHECK(bench.sent().size() == 1);
}

TEST_CASE("what is not permitted is refused without a word to the device, and is an event",
          "[agent]") {
    Bench bench({8});
    for (const auto action : {Action::on, Action::off, Action::cycle, Action::cancel}) {
        for (const int outlet : {0, 1, 7}) {
            const auto report = bench.carry_out(order(action, outlet));
            CHECK(report.request.outcome == Ended::refused);
            CHECK(report.error->kind == ErrorKind::denied);
        }
    }
    CHECK(bench.served().answers().empty());
    const auto events = bench.events();
    REQUIRE(events.size() == 12);
    CHECK(has(events[0], "'switchable'"));
}

TEST_CASE("all outlets are switched by one command where all need the same, else one by one",
          "[agent]") {
    Bench bench({1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(bench.carry_out(order(Action::on, 0)).request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,4.1R0000", "S,7.1R0000"});
    const auto off = bench.carry_out(order(Action::off, 0));
    CHECK(off.request.outcome == Ended::done);
    CHECK(off.request.digits_after == "00000000");
    CHECK(bench.sent().back() == "S,A00");
}

TEST_CASE("a device that never shows the new state fails with the state last seen", "[agent]") {
    Bench bench({8});
    REQUIRE(bench.served().inject("set outlet 8 shows 1"));
    const auto report = bench.carry_out(order(Action::off, 8));
    CHECK(report.request.outcome == Ended::failed);
    CHECK(report.error->kind == ErrorKind::timeout);
    CHECK(has(report.error->message, "11101101"));
}

TEST_CASE("a command is sent once, and where its answer is lost the state is read back",
          "[agent]") {
    Bench bench({8});
    REQUIRE(bench.served().inject("fault drop next 1 only S"));
    CHECK(bench.carry_out(order(Action::off, 8)).request.outcome == Ended::done);
    CHECK(bench.sent() == Commands{"S,800"});
    REQUIRE(bench.served().inject("fault drop next 1 only S"));
    REQUIRE(bench.served().inject("set outlet 8 shows 0"));
    const auto unknown = bench.carry_out(order(Action::on, 8));
    CHECK(unknown.request.outcome == Ended::unknown);
    CHECK(bench.sent().size() == 2);
}

TEST_CASE("a device that says NAK has not switched", "[agent]") {
    Bench bench({8});
    REQUIRE(bench.served().inject("fault nak next 1 only S"));
    const auto report = bench.carry_out(order(Action::off, 8));
    CHECK(report.request.outcome == Ended::failed);
    CHECK(report.error->kind == ErrorKind::refused);
}

TEST_CASE("one damaged digit does not switch a running outlet", "[agent]") {
    Bench bench({8});
    REQUIRE(bench.served().inject("fault bitflip 0.2 only QGS"));
    for (int i = 0; i < 30; ++i) {
        (void)bench.carry_out(order(Action::on, 8));  // it is on: there is nothing to do
    }
    CHECK(bench.sent().empty());
}

TEST_CASE("a look at outlets that are as known asks once, and a change is asked for twice",
          "[agent]") {
    const auto served = *Served::start(Served::fast_pdu());
    const PortOptions port{.name = served->path(), .kind = PortOptions::Kind::descriptor};
    PduDevice device(Session([port](const std::stop_token& stop) { return open_link(port, stop); },
                             pdu::protocol_id, {}, system_clock),
                     system_clock);
    const auto outlet = *pdu::OutletChoice::number(8);
    const auto asked = [&](std::size_t number) {  // after QPI; the log is behind the answer
        served->wait_for_answers(1 + number);
        return served->answers().size() == 1 + number;
    };
    const auto known = *read_outlets(device, outlet, {});
    CHECK(asked(2));
    CHECK(*read_outlets(device, outlet, {}, &known) == known);
    CHECK(asked(3));
    REQUIRE(served->inject("set outlet 8 state off"));
    CHECK((*read_outlets(device, outlet, {}, &known))[7] == pdu::OutletState::off);
    CHECK(asked(5));
}

TEST_CASE("too many requests within a minute are refused, also by the next process", "[agent]") {
    Bench bench({8}, 2);
    CHECK(bench.carry_out(order(Action::off, 8)).request.outcome == Ended::done);
    CHECK(bench.carry_out(order(Action::on, 8)).request.outcome == Ended::done);
    bench.restart();
    const auto third = bench.carry_out(order(Action::off, 8));
    CHECK(third.request.outcome == Ended::refused);
    CHECK(third.error->kind == ErrorKind::busy);
    CHECK(bench.carry_out(order(Action::on, 8)).request.outcome == Ended::done);  // nothing to send
    CHECK(bench.sent().size() == 2);
}

TEST_CASE("a rehearsal tells the commands and sends none", "[agent]") {
    Bench bench({8});
    const auto report = bench.switcher().rehearse(order(Action::cycle, 8), {});
    CHECK(report.sent == Commands{"S,800R0000"});
    CHECK(bench.sent().empty());
    CHECK(bench.events().empty());
}

TEST_CASE("who watches can end the waiting, not the countdown", "[agent]") {
    Bench bench({8}, 100, 1);
    auto later = order(Action::off, 8);
    later.delay = 60s;
    SwitchProgress seen;
    const auto report = bench.switcher().carry_out(later,
                                                   [&](const SwitchProgress& progress) {
                                                       seen = progress;
                                                       return false;
                                                   },
                                                   {});
    CHECK(report.request.outcome == Ended::unknown);
    CHECK(seen.digits == "11101103");
    CHECK(seen.left > 50s);
    CHECK(bench.sent() == Commands{"S,801"});
}

TEST_CASE("an order for all outlets announces a longer turn than one for one", "[agent]") {
    Bench bench({1, 2, 3, 4, 5, 6, 7, 8});
    REQUIRE(bench.carry_out(order(Action::off, 8)).sent.size() == 1);
    const auto one = bench.turns.front();
    bench.turns.clear();
    REQUIRE(bench.carry_out(order(Action::off, 0)).sent.size() == 5);  // 4, 7 and 8 are off
    CHECK(bench.turns.front() > one);
}

TEST_CASE("a daemon's cycles go on while a long countdown is waited for", "[agent]") {
    spdlog::set_level(spdlog::level::off);
    const auto served = *Served::start(Served::fast_pdu());
    const TempDir folder;
    SpoolOptions spool_options;
    spool_options.directory = folder.path();
    const auto spool = *Spool::open(spool_options, system_clock);
    AgentOptions options;
    options.origin = {"pi", "0.1.0", {}};
    options.logger_interval = 0ms;
    PduSetup setup;
    setup.port = {.name = served->path(), .kind = PortOptions::Kind::descriptor};
    setup.sampler.interval = 1s;
    setup.context.device = {"rack1-pdu", "", "Rack 1"};
    setup.switchable = *pdu::SwitchPermit::of({8});
    options.devices.emplace_back(setup);
    Agent agent(options, *spool, system_clock);
    REQUIRE(agent.start());
    CHECK(agent.switcher("rack2-pdu") == nullptr);
    auto later = order(Action::off, 8);
    later.delay = 6s;
    const auto before = agent.samplers()[0].cycles;
    const auto report = agent.switcher("rack1-pdu")->carry_out(later, {}, {});
    CHECK(report.request.outcome == Ended::done);
    CHECK(report.request.digits_after == "11101100");
    CHECK(agent.samplers()[0].cycles >= before + 3);
    agent.stop("test");
}
