// SPDX-License-Identifier: MIT
#include "sampling/recorder.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "support/hand_clock.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

/// A recorder over a spool of its own, and what it wrote.
class Desk {
  public:
    Desk() { open(); }

    Recorder& recorder() { return *recorder_; }
    HandClock& clock() { return clock_; }

    /// As after the end of the process.
    void reopen() {
        recorder_.reset();
        spool_.reset();
        open();
    }

    std::vector<Entry> entries(const std::string& stream) {
        std::vector<Entry> found;
        REQUIRE(spool_->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
            if (entry.stream == stream) {
                found.push_back(entry);
            }
            return true;
        }));
        return found;
    }
    std::optional<std::string> state(const std::string& name) { return spool_->state(name); }

  private:
    void open() {
        SpoolOptions options;
        options.directory = folder_.path();
        auto spool = Spool::open(options, clock_);
        REQUIRE(spool);
        spool_ = std::move(*spool);
        recorder_ = std::make_unique<Recorder>(*spool_, Origin{"pi", "0.1.0", {}}, clock_);
    }

    TempDir folder_;
    HandClock clock_;
    std::unique_ptr<Spool> spool_;
    std::unique_ptr<Recorder> recorder_;
};

CycleRecord sample_of_its_time(const Origin&, Timestamp time) {
    return {{{"id" + std::to_string(time.time_since_epoch().count()), "powerwalker-metrics-2026.11",
              "{}"}},
            {}};
}

const DeviceTag device{"rack1-pdu", "PDU"};

Event event_of(const std::string& subject) {
    Event event;
    event.device = device;
    event.action = "alarm_started";
    event.subject = subject;
    event.message = "rack1-pdu: " + subject;
    return event;
}

}  // namespace

TEST_CASE("events and what they were told by are kept together", "[agent]") {
    Desk desk;
    const auto now = to_timestamp(desk.clock().wall_now());
    REQUIRE(desk.recorder().record_events(
        device, {{event_of("a"), event_of("b")}, {{"rack1-pdu/watch", "a and b"}}}, now));
    desk.reopen();
    const auto entries = desk.entries("rack1-pdu/events");
    REQUIRE(entries.size() == 1);
    REQUIRE(entries[0].documents.size() == 2);
    CHECK(entries[0].documents[0].index == "powerwalker-events-2026.11");
    CHECK(entries[0].documents[0].id != entries[0].documents[1].id);
    CHECK(desk.state("rack1-pdu/watch") == "a and b");
}

TEST_CASE("what the clock has to tell does not lose its state to an event around it", "[agent]") {
    Desk desk;
    desk.clock().set_synchronised(false);
    const auto starts = [&](LoggerWatch& watch, Timestamp now) {
        return watch.started("0.1.0", "pi", now);
    };
    desk.recorder().tell_of_logger(starts);  // the first look at the clock
    const auto told = desk.entries("logger.pi/events").size();
    desk.reopen();
    desk.recorder().tell_of_logger(starts);
    CHECK(desk.entries("logger.pi/events").size() == told + 1);  // the clock's has begun already
}

TEST_CASE("more events than an entry can hold become several entries", "[agent]") {
    Desk desk;
    Happenings happenings;
    for (int i = 0; i < 130; ++i) {
        happenings.events.push_back(event_of(std::to_string(i)));
    }
    REQUIRE(
        desk.recorder().record_events(device, happenings, to_timestamp(desk.clock().wall_now())));
    const auto entries = desk.entries("rack1-pdu/events");
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].documents.size() + entries[1].documents.size() + entries[2].documents.size() ==
          130);
}

TEST_CASE("a clock that is not synchronised is told once and marks what follows", "[agent]") {
    Desk desk;
    desk.clock().set_synchronised(false);
    desk.recorder().look_at_clock();
    desk.recorder().look_at_clock();
    CHECK_FALSE(desk.recorder().origin().clock_synchronised);
    desk.clock().wind(10s);
    desk.reopen();
    desk.recorder().look_at_clock();
    desk.clock().wind(10s);
    desk.clock().set_synchronised(true);
    desk.recorder().look_at_clock();
    CHECK(desk.recorder().origin().clock_synchronised);
    const auto entries = desk.entries("logger.pi/events");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].documents[0].json.find("\"action\":\"clock_unsynchronised\"") !=
          std::string::npos);
    CHECK(entries[0].documents[0].json.find("\"clock\":\"unsynchronised\"") != std::string::npos);
    CHECK(entries[1].documents[0].json.find("\"action\":\"clock_synchronised\"") !=
          std::string::npos);
    CHECK(entries[1].documents[0].json.find("\"duration\":20000000000") != std::string::npos);
}

TEST_CASE("whatever is recorded first looks at the clock", "[agent]") {
    Desk desk;
    desk.clock().set_synchronised(false);
    CHECK(desk.recorder().record_event(event_of("1"), to_timestamp(desk.clock().wall_now())));
    const auto entries = desk.entries("rack1-pdu/events");
    REQUIRE(entries.size() == 1);
    CHECK(entries[0].documents[0].json.find("\"clock\":\"unsynchronised\"") != std::string::npos);
    CHECK(desk.entries("logger.pi/events").size() == 1);
}

TEST_CASE("a run that was not stopped is known to the next", "[agent]") {
    Desk desk;
    const auto start = [&] {
        desk.recorder().tell_of_logger(
            [](LoggerWatch& watch, Timestamp now) { return watch.started("0.1.0", "pi", now); });
    };
    start();
    desk.clock().wind(1h);
    desk.reopen();
    start();
    const auto entries = desk.entries("logger.pi/events");
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].documents[0].json.find("cut off") == std::string::npos);
    CHECK(entries[1].documents[0].json.find(
              "the run that began at 2026-11-14T12:00:00.000Z was cut off") != std::string::npos);
}

TEST_CASE("readings of one millisecond move on by one each, and that is no step of the clock",
          "[agent]") {
    Desk desk;
    const auto wanted = to_timestamp(desk.clock().wall_now());
    for (int i = 0; i < 4; ++i) {
        CHECK(desk.recorder().record(device, wanted, sample_of_its_time) == wanted + i * 1ms);
    }
    // The next is later than all of these were read, and earlier than the last of their times.
    CHECK(desk.recorder().record(device, wanted + 1ms, sample_of_its_time) == wanted + 4ms);
    CHECK(desk.entries("rack1-pdu/events").empty());
}

TEST_CASE("a reading that is older than the last one is told, and once", "[agent]") {
    Desk desk;
    const auto wanted = to_timestamp(desk.clock().wall_now());
    CHECK(desk.recorder().record(device, wanted, sample_of_its_time) == wanted);
    CHECK(desk.recorder().record(device, wanted - 1ms, sample_of_its_time) == wanted - 1ms);
    CHECK(desk.recorder().record(device, wanted, sample_of_its_time) == wanted + 1ms);
    const auto events = desk.entries("rack1-pdu/events");
    REQUIRE(events.size() == 1);
    CHECK(events[0].documents[0].json.find("clock_stepped_back") != std::string::npos);
}

TEST_CASE("a time that an earlier run had used is told", "[agent]") {
    Desk desk;
    const auto wanted = to_timestamp(desk.clock().wall_now());
    CHECK(desk.recorder().record(device, wanted, sample_of_its_time) == wanted);
    desk.reopen();
    CHECK(desk.recorder().record(device, wanted, sample_of_its_time) == wanted + 1ms);
    CHECK(desk.entries("rack1-pdu/events").size() == 1);
}

TEST_CASE("an alarm that begins is a warning in the log, its end is not", "[agent]") {
    std::ostringstream log;
    const auto before = spdlog::default_logger();
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(log);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    spdlog::set_pattern("%l %v");
    Event event;
    event.kind = "alert";
    event.message = "redundancy lost";
    event.type = "start";
    log_event(event);
    event.type = "end";
    log_event(event);
    event = {};
    event.message = "no answer";
    event.outcome = "failure";
    log_event(event);
    spdlog::set_default_logger(before);
    CHECK(log.str() == "warning redundancy lost\ninfo redundancy lost\nwarning no answer\n");
}

TEST_CASE("a reason that an event's message holds already is logged once", "[agent]") {
    std::ostringstream log;
    const auto before = spdlog::default_logger();
    const auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(log);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink));
    spdlog::set_pattern("%v");
    Event event;
    event.message = "pwlog stopped on pi: asked to stop";
    event.reason = "asked to stop";
    log_event(event);
    event.message = "rack1-pdu: could not be read";
    event.reason = "NAK";
    log_event(event);
    spdlog::set_default_logger(before);
    CHECK(log.str() == "pwlog stopped on pi: asked to stop\nrack1-pdu: could not be read: NAK\n");
}

TEST_CASE("another host name tells of no conflict again that was told", "[recorder]") {
    Desk desk;
    const auto tell = [&](std::int64_t total) {
        desk.recorder().tell_of_logger(
            [&](LoggerWatch& watch, Timestamp now) { return watch.conflicts("pdu1", total, now); });
    };
    tell(9);
    desk.recorder().set_origin(Origin{"other", "0.1.0", {}});
    desk.clock().wind(2h);
    tell(9);
    CHECK(desk.entries("logger.other/events").empty());
}

TEST_CASE("what the clock does is observed under another host name as well", "[recorder]") {
    Desk desk;
    desk.clock().set_synchronised(true);
    desk.recorder().look_at_clock();
    desk.recorder().set_origin(Origin{"other", "0.1.0", {}});
    desk.clock().set_synchronised(false);
    desk.recorder().look_at_clock();
    const auto told = desk.entries("logger.other/events");
    REQUIRE(told.size() == 1);
    CHECK(told.front().documents.front().json.find("exact time unknown") == std::string::npos);
}

TEST_CASE("the end of a run names its beginning, also under another host name", "[recorder]") {
    Desk desk;
    std::string begun;
    std::string ended;
    desk.recorder().tell_of_logger([&](LoggerWatch& watch, Timestamp now) {
        auto event = watch.started("0.1.0", "pi", now);
        begun = event.pair_id;
        return std::optional(event);
    });
    desk.recorder().set_origin(Origin{"other", "0.1.0", {}});
    desk.clock().wind(1min);
    desk.recorder().tell_of_logger([&](LoggerWatch& watch, Timestamp now) {
        auto event = watch.stopped("other", "asked to stop", now);
        ended = event.pair_id;
        return std::optional(event);
    });
    CHECK(begun == ended);
}
