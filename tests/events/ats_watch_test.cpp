// SPDX-License-Identifier: MIT
#include "events/ats_watch.h"

#include <catch2/catch.hpp>

#include "readings.h"

using namespace pwlog;
using namespace pwlog::test;
using Names = std::vector<std::string>;

namespace {

//                                   VFWVFW21ps
const std::string on_2_1_failed = "111000100000000000000000";
const std::string on_2_1_good = "000000100000000000000000";

const AtsContext context{{"rack1-ats", "ATS", ""}, Degrees(10)};

AtsWatch make_ats_watch() { return AtsWatch(context.device); }

AtsWatch settled_ats_watch() {
    auto watch = make_ats_watch();
    CHECK(watch.update(ats_reading(quiet_ats_bits), context, at(0), false).empty());
    return watch;
}

std::vector<Event> of(const std::vector<Event>& events, const std::string& action) {
    std::vector<Event> found;
    for (const auto& event : events) {
        if (event.action == action) {
            found.push_back(event);
        }
    }
    return found;
}

}  // namespace

TEST_CASE("each bit of a source begins and ends an alarm of that source", "[events]") {
    const auto [place, name, words] = GENERATE(table<std::size_t, std::string, std::string>(
        {{0, "source1_voltage_bad", "the voltage of source 1"},
         {1, "source1_freq_bad", "the frequency of source 1"},
         {2, "source1_wave_bad", "the wave form of source 1"},
         {3, "source2_voltage_bad", "the voltage of source 2"},
         {4, "source2_freq_bad", "the frequency of source 2"},
         {5, "source2_wave_bad", "the wave form of source 2"}}));
    CAPTURE(name);
    auto watch = settled_ats_watch();
    const auto begun =
        of(watch.update(ats_reading(with(quiet_ats_bits, place, '1')), context, at(1), true),
           "alarm_started");
    const auto ended =
        of(watch.update(ats_reading(quiet_ats_bits), context, at(43), true), "alarm_ended");
    CHECK(only(begun).message == "rack1-ats: " + words + " is bad");
    CHECK(detail(only(begun), "alarm") == name);
    CHECK(detail(only(begun), "source") == (place < 3 ? "1" : "2"));
    CHECK(only(ended).message == "rack1-ats: " + words + " is good again, after 42 s");
    CHECK(only(ended).pair_id == only(begun).pair_id);
}

TEST_CASE("each other bit of an ATS begins and ends an alarm", "[events]") {
    const auto [place, name, words, words_over] =
        GENERATE(table<std::size_t, std::string, std::string, std::string>(
            {{9, "sync_bad", "the sources are out of step", "the sources are in step again"},
             {10, "aux1_power_fail", "auxiliary power supply 1 has failed",
              "auxiliary power supply 1 works again"},
             {11, "aux2_power_fail", "auxiliary power supply 2 has failed",
              "auxiliary power supply 2 works again"},
             {12, "short_circuit", "the output is short-circuited",
              "the output is no longer short-circuited"},
             {13, "overload_fault", "the output was switched off by overload",
              "the output is no longer switched off by overload"},
             {14, "overload", "the output is overloaded", "the output is no longer overloaded"},
             {15, "fault_mode", "the switch is in fault mode",
              "the switch is no longer in fault mode"},
             {16, "na_c7", "status bit na_c7, whose meaning is not known, is set",
              "status bit na_c7, whose meaning is not known, is clear"},
             {23, "na_c0", "status bit na_c0, whose meaning is not known, is set",
              "status bit na_c0, whose meaning is not known, is clear"}}));
    CAPTURE(name);
    auto watch = settled_ats_watch();
    const auto begun =
        of(watch.update(ats_reading(with(quiet_ats_bits, place, '1')), context, at(1), true),
           "alarm_started");
    const auto ended =
        of(watch.update(ats_reading(quiet_ats_bits), context, at(3601), true), "alarm_ended");
    CHECK(only(begun).message == "rack1-ats: " + words);
    CHECK(detail(only(begun), "alarm") == name);
    CHECK(only(ended).message == "rack1-ats: " + words_over + ", after 1 h 0 min");
    CHECK(only(ended).pair_id == only(begun).pair_id);
}

TEST_CASE("a transfer there and back tells from, to, why, the angle and how long", "[events]") {
    auto watch = settled_ats_watch();
    CHECK(watch.update(ats_reading(quiet_ats_bits, 7), context, at(1), true).empty());
    const auto there = watch.update(ats_reading(on_2_1_failed, 0), context, at(2), true);
    CHECK(watch.update(ats_reading(on_2_1_good, 3), context, at(90), true).size() == 4);
    const auto back = watch.update(ats_reading(quiet_ats_bits, 1), context, at(100.7), true);

    REQUIRE(of(there, "transfer").size() == 1);
    const auto& away = there.front();
    CHECK(away.action == "transfer");
    CHECK(away.message ==
          "rack1-ats: transferred from source 1 to source 2 (voltage_bad, freq_bad, wave_bad)");
    CHECK(detail(away, "from_source") == "1");
    CHECK(detail(away, "to_source") == "2");
    CHECK(detail(away, "reasons") == "voltage_bad,freq_bad,wave_bad");
    CHECK(detail(away, "sync_angle_deg") == "7");
    CHECK(detail(away, "away_s").empty());
    CHECK_FALSE(away.pair_id.empty());

    const auto& returned = only(back);
    CHECK(returned.message ==
          "rack1-ats: transferred from source 2 to source 1, after 1 min 39 s away from its "
          "preferred source");
    CHECK(detail(returned, "reasons").empty());
    CHECK(detail(returned, "sync_angle_deg") == "3");
    CHECK(detail(returned, "away_s") == "98.7");
    CHECK(returned.start == at(2));
    CHECK(returned.end == at(100.7));
    CHECK(returned.pair_id != away.pair_id);
}

TEST_CASE("reasons that are gone again at the transfer are those of the reading before",
          "[events]") {
    auto watch = settled_ats_watch();
    CHECK_FALSE(
        watch.update(ats_reading(with(quiet_ats_bits, 1, '1')), context, at(1), true).empty());
    const auto events = watch.update(ats_reading(on_2_1_good), context, at(2), true);
    REQUIRE_FALSE(events.empty());
    CHECK(detail(events.front(), "reasons") == "freq_bad");
}

TEST_CASE("a transfer by way of neither source is one transfer", "[events]") {
    auto watch = settled_ats_watch();
    const std::string neither = "111000000000000000000000";
    const auto between = watch.update(ats_reading(neither), context, at(1), true);
    CHECK(of(between, "transfer").empty());
    const auto arrived = watch.update(ats_reading(on_2_1_failed), context, at(2), true);
    CHECK(of(arrived, "transfer").size() == 1);
    const auto alarms = of(between, "alarm_started");
    REQUIRE_FALSE(alarms.empty());
    CHECK(alarms.back().message == "rack1-ats: the output hangs on neither source");
    const auto lost = of(between, "redundancy_lost");
    CHECK(only(lost).message == "rack1-ats: neither source could take over (no_source)");
}

TEST_CASE("how long it was away is told only where its beginning was seen", "[events]") {
    auto watch = make_ats_watch();
    SECTION("already away at the first look") {
        CHECK(
            of(watch.update(ats_reading(on_2_1_good), context, at(0), false), "transfer").empty());
    }
    SECTION("transferred while nobody looked") {
        auto before = settled_ats_watch();
        watch.restore(before.save());
        const auto events = watch.update(ats_reading(on_2_1_good), context, at(500), false);
        CHECK(events.front().message ==
              "rack1-ats: transferred from source 1 to source 2 (exact time unknown)");
        CHECK(detail(events.front(), "observed") == "false");
    }
    const auto back =
        of(watch.update(ats_reading(quiet_ats_bits), context, at(600), true), "transfer");
    CHECK(detail(only(back), "away_s").empty());
    CHECK_FALSE(only(back).end);
}

TEST_CASE("time away goes on through a restart, a return nobody saw is at most so late",
          "[events]") {
    auto before = settled_ats_watch();
    CHECK_FALSE(before.update(ats_reading(on_2_1_good), context, at(100), true).empty());
    auto after = make_ats_watch();
    after.restore(before.save());
    const auto back =
        of(after.update(ats_reading(quiet_ats_bits), context, at(160), false), "transfer");
    CHECK(detail(only(back), "away_s") == "60");
    CHECK(detail(only(back), "observed") == "false");
    CHECK(only(back).message ==
          "rack1-ats: transferred from source 2 to source 1, after at most 1 min 0 s away from its "
          "preferred source (exact time unknown)");
}

TEST_CASE("another preferred source is an event, and being away begins with it", "[events]") {
    auto watch = settled_ats_watch();
    const std::string prefers_2 = with(quiet_ats_bits, 8, '1');
    const auto events = watch.update(ats_reading(prefers_2), context, at(10), true);
    CHECK(only(events).action == "preferred_source_changed");
    CHECK(only(events).message == "rack1-ats: source 2 is preferred now, before it was source 1");
    CHECK(only(events).category == "configuration");
    const auto moved =
        of(watch.update(ats_reading(with(on_2_1_good, 8, '1')), context, at(25), true), "transfer");
    CHECK(detail(only(moved), "away_s") == "15");
}

TEST_CASE("redundancy is lost when the standby source is bad and returns with it", "[events]") {
    const auto [place, reason] = GENERATE(table<std::size_t, std::string>({{3, "voltage_bad"},
                                                                           {4, "freq_bad"},
                                                                           {5, "wave_bad"},
                                                                           {9, "sync_bad"},
                                                                           {15, "fault_mode"}}));
    auto watch = settled_ats_watch();
    const auto lost =
        of(watch.update(ats_reading(with(quiet_ats_bits, place, '1')), context, at(1), true),
           "redundancy_lost");
    const auto restored =
        of(watch.update(ats_reading(quiet_ats_bits), context, at(61), true), "redundancy_restored");
    CHECK(only(lost).message == "rack1-ats: source 2 could not take over (" + reason + ")");
    CHECK(detail(only(lost), "reasons") == reason);
    CHECK(detail(only(lost), "alarm") == "redundancy");
    CHECK(only(restored).message == "rack1-ats: source 2 could take over again, after 1 min 0 s");
    CHECK(only(restored).pair_id == only(lost).pair_id);
}

TEST_CASE("an angle beyond what the device accepts ends redundancy without any bit", "[events]") {
    auto watch = settled_ats_watch();
    CHECK(watch.update(ats_reading(quiet_ats_bits, 10), context, at(1), true).empty());
    const auto lost = watch.update(ats_reading(quiet_ats_bits, 11), context, at(2), true);
    CHECK(only(lost).message == "rack1-ats: source 2 could not take over (angle)");
    // It sways about the limit: no event each second.
    CHECK(watch.update(ats_reading(quiet_ats_bits, 10), context, at(3), true).empty());
    CHECK(watch.update(ats_reading(quiet_ats_bits, 11), context, at(4), true).empty());
    const auto restored = watch.update(ats_reading(quiet_ats_bits, 9), context, at(5), true);
    CHECK(only(restored).action == "redundancy_restored");
}

TEST_CASE("an angle that hovers about a limit of a few degrees makes no event each time",
          "[events]") {
    const AtsContext narrow{context.device, Degrees(5)};
    auto watch = make_ats_watch();
    REQUIRE(watch.update(ats_reading(quiet_ats_bits, 5), narrow, at(0), true).empty());
    REQUIRE(only(watch.update(ats_reading(quiet_ats_bits, 6), narrow, at(1), true)).action ==
            "redundancy_lost");
    CHECK(watch.update(ats_reading(quiet_ats_bits, 5), narrow, at(2), true).empty());
    CHECK(watch.update(ats_reading(quiet_ats_bits, 6), narrow, at(3), true).empty());
    CHECK(only(watch.update(ats_reading(quiet_ats_bits, 4), narrow, at(4), true)).action ==
          "redundancy_restored");
}

TEST_CASE("a device that accepts every angle loses no redundancy by it", "[events]") {
    const AtsContext any_angle{context.device, Degrees(0)};
    auto watch = make_ats_watch();
    CHECK(watch.update(ats_reading(quiet_ats_bits), any_angle, at(0), false).empty());
    CHECK(watch.update(ats_reading(quiet_ats_bits, 170), any_angle, at(1), true).empty());
    const auto out_of_step =
        watch.update(ats_reading(with(quiet_ats_bits, 9, '1'), 170), any_angle, at(2), true);
    CHECK(detail(only(out_of_step), "alarm") == "sync_bad");
}

TEST_CASE("what a device accepts counts as little until it has said so", "[events]") {
    const AtsContext unknown{context.device, std::nullopt};
    const AtsContext any_angle{context.device, Degrees(0)};
    auto watch = make_ats_watch();
    const std::string out_of_step = with(quiet_ats_bits, 9, '1');
    const auto lost =
        of(watch.update(ats_reading(out_of_step), unknown, at(0), false), "redundancy_lost");
    CHECK(detail(only(lost), "reasons") == "sync_bad");
    CHECK(only(watch.update(ats_reading(out_of_step), any_angle, at(1), true)).action ==
          "redundancy_restored");
}

TEST_CASE("lost redundancy goes on through a restart", "[events]") {
    auto before = settled_ats_watch();
    const auto lost = before.update(ats_reading(quiet_ats_bits, 40), context, at(1), true);
    auto after = make_ats_watch();
    after.restore(before.save());
    CHECK(after.update(ats_reading(quiet_ats_bits, 40), context, at(100), false).empty());
    // An angle about its limit flips no more after a restart than before it.
    CHECK(after.update(ats_reading(quiet_ats_bits, 10), context, at(100), true).empty());
    const auto restored = after.update(ats_reading(quiet_ats_bits, 1), context, at(101), true);
    CHECK(only(restored).pair_id == only(lost).pair_id);
}

TEST_CASE("an angle just below its limit right after a restart restores nothing", "[events]") {
    auto before = settled_ats_watch();
    REQUIRE(only(before.update(ats_reading(quiet_ats_bits, 11), context, at(1), true)).action ==
            "redundancy_lost");
    for (int restart = 0; restart < 3; ++restart) {
        auto after = make_ats_watch();
        after.restore(before.save());
        CHECK(after.update(ats_reading(quiet_ats_bits, 10), context, at(10), false).empty());
        CHECK(after.update(ats_reading(quiet_ats_bits, 11), context, at(11), true).empty());
        before = after;
    }
}
