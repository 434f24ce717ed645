// SPDX-License-Identifier: MIT
// The same run twice: read live, and brought from what other programs would have kept of it.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <iterator>
#include <map>
#include <set>

#include "backfill/sources/source_options.h"
#include "base/timestamp_text.h"
#include "history_text.h"
#include "support/paths.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

SourceOptions options_for(const EventCase& scripted, const HistoryText& history) {
    SourceOptions options;
    options.kind = source_kind(history.kind);
    options.context.origin = {"pi", "0.1.0", {}, true};
    PduContext pdu{{"rack1-pdu", ""}};
    pdu.outlet_names = {"nas", "switch", "router", "", "server", "recorder", "", "printer"};
    pdu.tariff = scripted.tariff;
    options.context.devices.emplace("rack1-pdu", std::move(pdu));
    options.context.intervals = {{"rack1-pdu", scripted.interval},
                                 {"rack1-ats", scripted.interval}};
    // Memory 18, which no history has.
    options.context.acceptable_phases = Degrees(scripted.name == "ats_out_of_step.case" ? 10 : 0);
    options.devices = {"rack1-pdu", "rack1-ats", ""};
    auto map = FieldMap::parse(history.map, "map");
    REQUIRE(map);
    options.map = std::move(*map);
    options.history = std::make_shared<History>(options.context);
    return options;
}

/// In two files, and interrupted in the second: what is known of the devices goes on.
Replayed read_history(const EventCase& scripted, const HistoryText& history) {
    const TempDir folder;
    auto options = options_for(scripted, history);
    Replayed read;
    std::set<std::string> ids;
    const auto take = [&](RecordSource& source, std::uint64_t most) {
        SourceRecord record;
        for (std::uint64_t i = 0; i < most; ++i) {
            const auto more = source.next(record);
            REQUIRE(more);
            if (!*more) {
                break;
            }
            INFO(record.reason << ": " << record.text);
            REQUIRE(record.kind == SourceRecord::Kind::document);
            const bool is_event = record.facts->kind == DocumentKind::events;
            auto& list = is_event ? read.events : read.samples;
            list.emplace_back();
            list.back().Parse(record.text.data(), record.text.size());
            CHECK((!is_event || ids.insert(std::string(record.id)).second));
        }
        return source.position();
    };
    const auto open = [&](const std::string& text, const SourcePosition* from = nullptr) {
        auto opened = open_files_together({folder.write("history", text).string()}, options, from);
        INFO((opened ? "" : opened.error().message));
        REQUIRE(opened);
        return std::move(opened->source);
    };
    const auto header =
        history.kind == "csv" ? history.text.substr(0, history.text.find('\n') + 1) : std::string();
    // Between two loops, where messages are.
    auto middle = history.text.find('\n', history.text.size() / 3) + 1;
    const auto time_at = [&](std::size_t at) { return history.text.substr(at, 24); };
    while (history.kind == "mqtt" &&
           time_at(middle) == time_at(history.text.rfind('\n', middle - 2) + 1)) {
        middle = history.text.find('\n', middle) + 1;
    }
    take(*open(history.text.substr(0, middle)), UINT64_MAX);
    const auto rest = header + history.text.substr(middle);
    const auto place = take(*open(rest), 500);
    options.history = std::make_shared<History>(options.context);  // as after kill -9
    take(*open(rest, &place), UINT64_MAX);
    return read;
}

std::string date_of(const std::string& timestamp) {
    const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(*parse_rfc3339(timestamp))
                                    .time_since_epoch()
                                    .count();
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[16];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &local)};
}

struct ChannelSum {
    double watt_hours = 0;
    double cost = 0;
    int out_of_range = 0;  ///< documents
};

/// As the dashboards have it: the mains' voltage by EN 50160.
int out_of_range(const rapidjson::Document& sample, const char* pointer) {
    constexpr double lowest = 207;
    constexpr double highest = 253;
    const auto text = text_at(sample, pointer);
    return !text.empty() && (std::stod(text) < lowest || std::stod(text) > highest) ? 1 : 0;
}

/// By local day and channel.
using ChannelTotals = std::map<std::pair<std::string, std::string>, ChannelSum>;

ChannelTotals channel_totals(const Replayed& replayed) {
    ChannelTotals totals;
    for (const auto& sample : replayed.samples) {
        const bool is_outlet = text_at(sample, "/event/dataset") == "powerwalker.outlet";
        const std::string room = is_outlet ? "/powerwalker/outlet/" : "/powerwalker/pdu/";
        auto& sum = totals[{date_of(text_at(sample, "/@timestamp")),
                            is_outlet ? text_at(sample, room + "number") : "input"}];
        const auto add = [&](double& total, const char* name) {
            const auto text = text_at(sample, room + name);
            total += text.empty() ? 0 : std::stod(text);
        };
        for (const auto* voltage : {"/powerwalker/pdu/input_v", "/powerwalker/ats/source1_v",
                                    "/powerwalker/ats/source2_v"}) {
            sum.out_of_range += out_of_range(sample, voltage);
        }
        add(sum.watt_hours, "interval_wh");
        add(sum.cost, "cost");
    }
    return totals;
}

void check_totals(const ChannelTotals& expected, const Replayed& history) {
    constexpr double step_wh = 100;
    constexpr double highest_price = 0.5 / 1000;
    const auto totals = channel_totals(history);
    REQUIRE(totals.size() == expected.size());
    for (const auto& [key, sum] : expected) {
        CAPTURE(key.first, key.second);
        REQUIRE(totals.contains(key));
        CHECK(totals.at(key).watt_hours == Approx(sum.watt_hours).margin(step_wh));
        CHECK(totals.at(key).out_of_range == sum.out_of_range);
        CHECK(totals.at(key).cost == Approx(sum.cost).margin(step_wh * highest_price));
    }
}

/// What follows from the values, document by document; not known of history: an outlet's alarm
/// threshold and the angle that an ATS accepts.
std::vector<std::string> derived_of(const Replayed& replayed) {
    std::map<std::string, std::string> derived;
    for (const auto& sample : replayed.samples) {
        auto& values = derived[text_at(sample, "/@timestamp") + text_at(sample, "/event/dataset") +
                               text_at(sample, "/powerwalker/outlet/number")];
        for (const char* room : {"/powerwalker/pdu", "/powerwalker/outlet", "/powerwalker/ats"}) {
            const auto* const found = value_at(sample, room);
            if (found == nullptr) {
                continue;
            }
            for (const char* name :
                 {"/interval_wh", "/interval_from_counter", "/cost", "/currency", "/power_factor",
                  "/state_code", "/name", "/redundant", "/interval_s"}) {
                const auto text = text_at(*found, name);
                values += text.empty() ? "" : fmt::format("{}={} ", name, text);
            }
        }
    }
    std::vector<std::string> lines;
    for (const auto& [document, values] : derived) {
        lines.push_back(document + ": " + values);
    }
    return lines;
}

/// What only one of the two has.
std::string difference(std::vector<std::string> live, std::vector<std::string> history) {
    std::sort(live.begin(), live.end());
    std::sort(history.begin(), history.end());
    std::vector<std::string> missing;
    std::vector<std::string> extra;
    std::set_difference(live.begin(), live.end(), history.begin(), history.end(),
                        std::back_inserter(missing));
    std::set_difference(history.begin(), history.end(), live.begin(), live.end(),
                        std::back_inserter(extra));
    return missing.empty() && extra.empty()
               ? ""
               : fmt::format("live only:\n{}\nhistory only:\n{}\n", fmt::join(missing, "\n"),
                             fmt::join(extra, "\n"));
}

/// What a reading shows, and not how it was read; what a restart forgets where there is none.
std::vector<std::string> told_of(const Replayed& replayed, const EventCase& scripted,
                                 bool bits_of_sources) {
    static const std::set<std::string> actions{"alarm_started",
                                               "alarm_ended",
                                               "outlet_state_changed",
                                               "transfer",
                                               "redundancy_lost",
                                               "redundancy_restored",
                                               "preferred_source_changed",
                                               "energy_counter_reset",
                                               "meter_check_failed",
                                               "meter_check_passed"};
    std::vector<std::string> told;
    for (const auto& event : replayed.events) {
        const auto action = text_at(event, "/event/action");
        const auto alarm = text_at(event, "/powerwalker/event/alarm");
        const bool of_a_bit = alarm.starts_with("source") || alarm == "redundancy";
        const bool by_counter = action.starts_with("meter_") || action.starts_with("energy_");
        if (!actions.contains(action) || alarm.starts_with("na_") ||
            (!bits_of_sources && (of_a_bit || by_counter))) {
            continue;
        }
        auto line = text_at(event, "/@timestamp") + " " +
                    (bits_of_sources ? line_of(event)
                                     : action + " " + alarm + " " +
                                           text_at(event, "/powerwalker/event/to_source") +
                                           text_at(event, "/powerwalker/event/to_state"));
        if (scripted.runs.size() > 1) {
            for (const char* observed : {" observed=true", " observed=false"}) {
                if (const auto at = line.find(observed); at != line.npos) {
                    line.erase(at, std::string(observed).size());
                }
            }
            if (const auto at = line.find(" sync_angle_deg="); at != line.npos) {
                line.erase(at, line.find(' ', at + 1) - at);
            }
        }
        told.push_back(line);
    }
    return told;
}

}  // namespace

// Hidden, as ctest runs it once for each file and names that in the environment.
TEST_CASE("history becomes what live reading made of the same run", "[.][history]") {
    spdlog::set_level(spdlog::level::off);
    const char* const chosen = std::getenv("PWLOG_EVENT_CASE");
    REQUIRE(chosen != nullptr);
    auto scripted = read_event_case(chosen);
    scripted.fast_interval.reset();  // what is between two documents is in no history
    const auto live = replay(scripted);
    REQUIRE_FALSE(live.samples.empty());
    const auto totals = channel_totals(live);
    const auto derived = derived_of(live);
    if (scripted.length > std::chrono::days(13)) {  // enough to tell apart
        CHECK(told_of(live, scripted, true).size() >= 50);
        CHECK(std::count_if(totals.begin(), totals.end(),
                            [](const auto& day) { return day.second.out_of_range > 0; }) >= 13);
    }
    for (const auto& text : {as_csv(live), as_line_protocol(live), as_messages(live)}) {
        CAPTURE(text.kind);
        const auto history = read_history(scripted, text);
        CHECK(history.samples.size() == live.samples.size());
        const bool knows_all = text.kind != "mqtt";
        // Without the counter nothing tells that one of them is wrong, nor what a long gap took.
        if (knows_all ||
            !(scripted.name.starts_with("wrong_") || scripted.name == "day_with_a_gap.case")) {
            check_totals(totals, history);
        }
        CHECK(difference(told_of(live, scripted, knows_all),
                         told_of(history, scripted, knows_all)) == "");
        if (knows_all) {
            CHECK(difference(derived, derived_of(history)) == "");
        }
    }
}
