// SPDX-License-Identifier: MIT
// Scripted runs of the simulator, each with the exact list of what must be told of it.

#include "replay.h"

#include <fnmatch.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <map>
#include <sstream>

#include "support/paths.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += line + "\n";
    }
    return text;
}

std::vector<std::string> lines_of(const Replayed& replayed) {
    std::vector<std::string> lines;
    for (const auto& event : replayed.events) {
        lines.push_back(line_of(event));
    }
    return lines;
}

Timestamp time_at(const rapidjson::Document& document, const char* pointer) {
    std::tm utc{};
    const std::string text = text_at(document, pointer);
    const char* const rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
    REQUIRE(rest != nullptr);
    return Timestamp(std::chrono::seconds(timegm(&utc))) +
           std::chrono::milliseconds(std::lround(std::strtod(rest, nullptr) * 1000));
}

/// Each end of a pair has the id of its begin, its times and how long it took.
void check_pairs(const Replayed& replayed) {
    std::map<std::string, const rapidjson::Document*> begun;
    for (const auto& event : replayed.events) {
        const std::string id = text_at(event, "/event/id");
        if (text_at(event, "/event/type") == "start") {
            CHECK(begun.emplace(id, &event).second);
        } else if (text_at(event, "/event/type") == "end") {
            REQUIRE(begun.contains(id));
            const auto& begin = *begun.at(id);
            CHECK(text_at(begin, "/powerwalker/event/alarm") ==
                  text_at(event, "/powerwalker/event/alarm"));
            CHECK(time_at(event, "/event/start") == time_at(begin, "/@timestamp"));
            CHECK(time_at(event, "/event/end") == time_at(event, "/@timestamp"));
            const std::chrono::nanoseconds lasted =
                time_at(event, "/event/end") - time_at(event, "/event/start");
            CHECK(text_at(event, "/event/duration") == std::to_string(lasted.count()));
            begun.erase(id);
        }
    }
}

std::string local_date(Timestamp time) {
    const std::time_t seconds =
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[16];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &local)};
}

struct Sum {
    double watt_hours = 0;
    double cost = 0;
};

/// By local day and channel.
std::map<std::pair<std::string, int>, Sum> totals_of(const Replayed& replayed) {
    std::map<std::pair<std::string, int>, Sum> totals;
    for (const auto& sample : replayed.samples) {
        const bool is_outlet = text_at(sample, "/event/dataset") == "powerwalker.outlet";
        const std::string room = is_outlet ? "/powerwalker/outlet/" : "/powerwalker/pdu/";
        const std::string energy = text_at(sample, room + "interval_wh");
        if (energy.empty()) {
            continue;
        }
        CHECK(std::stod(energy) >= 0);
        const int channel = is_outlet ? std::stoi(text_at(sample, room + "number")) : 0;
        auto& sum = totals[{local_date(time_at(sample, "/@timestamp")), channel}];
        sum.watt_hours += std::stod(energy);
        const std::string cost = text_at(sample, room + "cost");
        sum.cost += cost.empty() ? 0 : std::stod(cost);
    }
    return totals;
}

void check_totals(const EventCase& scripted, const Replayed& replayed) {
    const auto totals = totals_of(replayed);
    for (const auto& expected : scripted.totals) {
        CAPTURE(expected.date, expected.channel);
        const auto found = totals.find({expected.date, expected.channel});
        REQUIRE(found != totals.end());
        const double highest_price = 0.3 / 1000;
        CHECK(found->second.watt_hours == Approx(expected.watt_hours).margin(expected.within_wh));
        CHECK(found->second.cost ==
              Approx(expected.cost).margin(expected.within_wh * highest_price));
    }
}

}  // namespace

// Hidden, as ctest runs it once for each file and names that in the environment.
TEST_CASE("a scripted run tells exactly what happened in it", "[.][run]") {
    spdlog::set_level(spdlog::level::off);
    const char* const chosen = std::getenv("PWLOG_EVENT_CASE");
    const auto file = GENERATE_REF(from_range(
        chosen == nullptr ? event_case_files() : std::vector<std::filesystem::path>{chosen}));
    const auto scripted = read_event_case(file);
    const auto replayed = replay(scripted);
    const auto told = lines_of(replayed);
    INFO(scripted.name << " told:\n" << joined(told));
    CHECK_FALSE(replayed.samples.empty());
    for (std::size_t i = 0; i < std::max(told.size(), scripted.expected.size()); ++i) {
        const std::string got = i < told.size() ? told[i] : "(nothing more)";
        const std::string expected =
            i < scripted.expected.size() ? scripted.expected[i] : "(nothing more)";
        CAPTURE(i, got, expected);
        REQUIRE(fnmatch(expected.c_str(), got.c_str(), 0) == 0);
    }
    check_pairs(replayed);
    check_totals(scripted, replayed);
}

TEST_CASE("the minutes around a transfer are kept as documents of their own", "[events]") {
    spdlog::set_level(spdlog::level::off);
    const auto scripted = read_event_case(test::test_data() / "events" / "ats_transfer.case");
    const auto replayed = replay(scripted);
    REQUIRE_FALSE(replayed.events.empty());
    const auto& away = replayed.events.front();
    REQUIRE(text_at(away, "/event/action") == "transfer");
    const auto moment = time_at(away, "/@timestamp");
    int before = 0;
    int after = 0;
    int regular = 0;
    for (const auto& sample : replayed.samples) {
        const auto time = time_at(sample, "/@timestamp");
        if (text_at(sample, "/powerwalker/ats/capsule") != "true") {
            CHECK(text_at(sample, "/event/id").empty());
            ++regular;
            continue;
        }
        // The return, 50 s later, joins the capsule.
        CHECK(text_at(sample, "/event/id") == text_at(away, "/event/id"));
        CHECK(time >= moment - std::chrono::seconds(60));
        CHECK(time <= moment + std::chrono::seconds(112));
        ++(time < moment ? before : after);
    }
    CHECK(regular == 29);
    CHECK(before >= 45);  // each second, less the regular ones
    CHECK(before <= 60);
    CHECK(after >= 110 * 2);  // as fast as the line allows
    const auto capsule_ends = [&](const rapidjson::Document& sample) {
        return text_at(sample, "/powerwalker/ats/source1_v") == "0";
    };
    CHECK(std::any_of(replayed.samples.begin(), replayed.samples.end(), capsule_ends));
}

TEST_CASE("a dip between two documents is in the least of the next one", "[events]") {
    spdlog::set_level(spdlog::level::off);
    EventCase scripted;
    scripted.name = "dip";
    scripted.begin = WallTime(std::chrono::seconds(1'795'341'600));
    scripted.length = std::chrono::minutes(3);
    scripted.fast_interval = std::chrono::milliseconds(2000);
    scripted.runs = {{std::chrono::nanoseconds(0), scripted.length}};
    scripted.script = *simulator::parse_script(
        "at 0s set pdu voltage 230\nat 0s set outlet 1 load 60\nat 63s set pdu voltage 200\n"
        "at 63s set outlet 1 load 160\nat 66s set pdu voltage 230\nat 66s set outlet 1 load 60\n",
        "dip");
    const auto replayed = replay(scripted);
    int dips = 0;
    int peaks = 0;
    for (const auto& sample : replayed.samples) {
        const std::string least = text_at(sample, "/powerwalker/pdu/input_v_min");
        dips += least == "200" ? 1 : 0;
        peaks += text_at(sample, "/powerwalker/outlet/power_w_max") == "160" ? 1 : 0;
        const std::string voltage = text_at(sample, "/powerwalker/pdu/input_v");
        CHECK((voltage.empty() || voltage == "230"));
    }
    CHECK(dips == 1);
    CHECK(peaks == 1);
}

TEST_CASE("a spool that is read again has every event once", "[events]") {
    spdlog::set_level(spdlog::level::off);
    const auto replayed =
        replay(read_event_case(test::test_data() / "events" / "restart_in_alarm.case"));
    std::map<std::string, int> seen;
    for (const auto& event : replayed.events) {
        ++seen[text_at(event, "/device/id") + text_at(event, "/message") +
               text_at(event, "/@timestamp")];
    }
    for (const auto& [what, times] : seen) {
        CAPTURE(what);
        CHECK(times == 1);
    }
}
