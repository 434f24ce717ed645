// SPDX-License-Identifier: MIT
#include "backfill/run/document_check.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "backfill/json/content_hash.h"
#include "document/event.h"
#include "document/metric_documents.h"

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

const Origin origin{"pi4", "1.0", {{"site", "küche"}}, true};
const Timestamp sample_time =
    std::chrono::sys_days(std::chrono::November / 22 / 2026) + 17h + 123ms;

const std::string outlet =
    R"({"@timestamp":"2026-11-22T17:00:00.123Z","device":{"id":"rack1-pdu"},)"
    R"("event":{"dataset":"powerwalker.outlet"},"powerwalker":{"outlet":{"number":3}}})";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    text.replace(text.find(what), what.size(), with);
    return text;
}

}  // namespace

TEST_CASE("every kind of document that is made passes the check with its own facts", "[backfill]") {
    DocumentCheck check;
    PduContext pdu;
    pdu.device = {"rack1-pdu", "RC-16A"};
    const auto documents = pdu_documents(origin, pdu, PduReading{}, sample_time, {});
    REQUIRE(documents.size() == 9);
    for (int i = 0; i < 9; ++i) {
        const auto& json = documents[static_cast<std::size_t>(i)].json;
        CAPTURE(json);
        REQUIRE(check.check(json));
        CHECK(check.facts().kind == (i == 0 ? DocumentKind::pdu : DocumentKind::outlet));
        CHECK(check.facts().outlet == i);
        CHECK(check.facts().device == "rack1-pdu");
        CHECK(check.facts().time == sample_time);
    }
    AtsContext ats;
    ats.device.id = "rack1-ats";
    REQUIRE(check.check(ats_document(origin, ats, AtsReading{}, sample_time).json));
    CHECK(check.facts().kind == DocumentKind::ats);
    REQUIRE(check.check(R"({"@timestamp":"2026-11-22T17:04:05.123Z","device":{"id":"ups1"},)"
                        R"("event":{"dataset":"powerwalker.ups"},"powerwalker":{"ups":{}}})"));
    CHECK(check.facts().kind == DocumentKind::ups);
    REQUIRE(check.check(logger_document(origin, {}, sample_time).json));
    CHECK(check.facts().device == "logger.pi4");
    Event event;
    event.device.id = "rack1-ats";
    event.action = "device_unreachable";
    REQUIRE(check.check(event_document(origin, event, sample_time).json));
    CHECK(check.facts().kind == DocumentKind::events);
    CHECK(check.facts().action == "device_unreachable");
    CHECK(check.facts().family() == Family::events);
}

TEST_CASE("a document is refused with what is wrong about it", "[backfill]") {
    const auto reason = [](const std::string& line) {
        DocumentCheck check;
        CHECK_FALSE(check.check(line));
        return check.reason();
    };
    using Catch::Contains;
    CHECK_THAT(reason(""), Contains("object"));
    CHECK_THAT(reason("{}"), Contains("neither"));
    CHECK_THAT(reason(replaced(outlet, ".123Z", "")), Contains("not a time like"));
    CHECK_THAT(reason(replaced(outlet, "11-22", "02-30")), Contains("not a time like"));
    CHECK_THAT(reason(replaced(outlet, "@timestamp", "@time")), Contains("@timestamp is missing"));
    CHECK_THAT(reason(replaced(outlet, "dataset", "datasat")), Contains("dataset is missing"));
    CHECK_THAT(reason(replaced(outlet, "er.outlet", "er.outlets")), Contains("is none of"));
    CHECK_THAT(reason(replaced(outlet, "rack1-pdu", "")), Contains("device.id is empty"));
    CHECK_THAT(reason(replaced(outlet, "\"id\"", "\"i\"")), Contains("device.id is missing"));
    CHECK_THAT(reason(replaced(outlet, "rack1-pdu", std::string(513, 'x'))), Contains("longer"));
    CHECK_THAT(reason(replaced(outlet, ":3}", ":9}")), Contains("not one of 1 to 8"));
    CHECK_THAT(reason(replaced(outlet, ":3}", ":\"3\"}")), Contains("not a number"));
    CHECK_THAT(reason(replaced(outlet, ":3}", ":3.5}")), Contains("not one of 1 to 8"));
    CHECK_THAT(reason(replaced(outlet, "number", "nummer")), Contains("number is missing"));
    CHECK_THAT(reason(replaced(outlet, "er.outlet", "er.pdu")), Contains("not an outlet's"));
    CHECK_THAT(reason(replaced(outlet, ":3}", ":3,\"number\":3}")), Contains("twice"));
    CHECK_THAT(reason(outlet + "x"), Contains("something follows"));
    CHECK_THAT(reason(outlet.substr(0, outlet.size() - 1)), Contains("expected"));
    CHECK_THAT(reason(replaced(outlet, "rack1", "r\xff")), Contains("not UTF-8"));
    CHECK_THAT(reason(replaced(outlet, "rack1", "r\x01")), Contains("control"));
    CHECK_THAT(reason(replaced(outlet, "rack1", "r\\x")), Contains("escape"));
    CHECK_THAT(reason(std::string(100000, '{')), Contains("expected"));
    CHECK_THAT(reason("{\"a\":" + std::string(100000, '[')), Contains("nested too deeply"));
}

TEST_CASE("names may be nested or dotted, escaped or not, and times may have any zone",
          "[backfill]") {
    DocumentCheck check;
    REQUIRE(check.check(
        R"({ "powerwalker.outlet.number" : 8 , "event.dataset":"powerwalker.outlet",)"
        R"("device.id":"r\u00e4ck\n1","@timestamp":"2026-11-22T18:00:00.1239+01:00"})"));
    CHECK(check.facts().time == sample_time);
    CHECK(check.facts().outlet == 8);
    CHECK(check.facts().device == "räck\n1");
    REQUIRE(check.check(replaced(outlet, "\"device\"", "\"d\\u0065vice\"")));
    REQUIRE(check.check(replaced(outlet, "\"2026-11-22T17:00:00.123Z\"", "1795366800123")));
    CHECK(check.facts().time == sample_time);
}

TEST_CASE("what is no document itself says what it is instead", "[backfill]") {
    DocumentCheck check;
    CHECK_FALSE(check.check(R"({"create":{"_index":"x","_id":"a\"b"}})"));
    CHECK(check.hit().action);
    CHECK(check.hit().id == "a\\\"b");
    CHECK_FALSE(check.check(R"({"delete":{"_id":"1"}})"));
    CHECK(check.hit().unusable_action);
    const auto hit = R"({"_index":"x","_id":"7","_source":)" + outlet + "}";
    CHECK_FALSE(check.check(hit));
    CHECK(check.hit().source == outlet);
    CHECK(check.hit().id == "7");
    CHECK_FALSE(check.check(R"({"took":1,"hits":{"total":0,"hits":[]}})"));
    CHECK(check.hit().search_reply);
}

TEST_CASE("what a recalled line says is what a line read in full says", "[backfill]") {
    DocumentCheck check;
    const std::string known =
        R"({"@timestamp":"2026-11-22T17:00:00.123Z","device":{"id":"a"},"labels":{"site":"x, y"},)"
        R"("event":{"dataset":"powerwalker.outlet"},"list":[1, 22,{"deep":3}],)"
        R"("powerwalker":{"outlet":{"number":3,"name":"a, b","power_w" : 12 ,"cost":0.5}}})";
    REQUIRE(check.check(known));
    CHECK_FALSE(check.facts().content);
    const std::vector<std::pair<std::string, std::string>> changes = {
        {"", ""},
        {"00.123Z", "01.5Z"},
        {"\"x, y\"", "\"{x},, yz\""},
        {"22,{", "333,{"},
        {"3}]", "4444}]"},
        {"\"number\":3", "\"number\":4"},
        {"\"a, b\"", "\"\""},
        {": 12 ,", ": 1 ,"},
        {"0.5}", "0.25}"}};
    for (const auto& [from, to] : changes) {
        for (const auto& [also_from, also_to] : changes) {
            auto line = replaced(known, from, to);
            if (line.find(also_from) == line.npos) {
                continue;
            }
            line = replaced(line, also_from, also_to);
            CAPTURE(line);
            REQUIRE(check.check(line));
            CHECK(check.facts().content.value_or(content_hash(line)) == content_hash(line));
        }
    }
    REQUIRE(check.check(replaced(known, "0.5}", "0.75}")));
    CHECK(check.facts().content);  // it was recalled
}

TEST_CASE("the documents of a fleet are recalled, whatever is missing among them", "[backfill]") {
    constexpr int devices = 150;
    DocumentCheck check;
    const auto pass = [&](int device, int cycle, bool known) {
        for (int number = 1; number <= 3; ++number) {
            auto line = replaced(outlet, "rack1", fmt::format("rack{}", device));
            line = replaced(line, "00.123Z", fmt::format("{:02}.123Z", cycle));
            line = replaced(line, ":3}", fmt::format(":{}}}", number));
            CAPTURE(line);
            REQUIRE(check.check(line));
            REQUIRE(check.facts().device == fmt::format("rack{}-pdu", device));
            REQUIRE(check.facts().time == sample_time + std::chrono::seconds(cycle));
            REQUIRE(check.facts().outlet == number);
            REQUIRE(check.facts().content.value_or(content_hash(line)) == content_hash(line));
            REQUIRE(check.facts().content.has_value() == (known || number > 1));
        }
    };
    for (int device = 0; device < devices; ++device) {
        pass(device, 0, false);
    }
    for (int device = 0; device < devices; ++device) {
        pass(device, 1, true);
    }
    for (int device = 0; device < devices; device += device % 7 == 0 ? 3 : 1) {
        pass(device, 2, true);
    }
    for (int device = devices - 1; device >= 0; --device) {
        pass(device, 3, true);
    }
}

TEST_CASE("lines of which each is another device's are read in full, and known ones soon recalled",
          "[backfill]") {
    DocumentCheck check;
    REQUIRE(check.check(outlet));
    for (int device = 2; device < 1200; ++device) {
        REQUIRE(check.check(replaced(outlet, "rack1", fmt::format("rack{}", device))));
        CHECK_FALSE(check.facts().content);
        CHECK(check.facts().device == fmt::format("rack{}-pdu", device));
    }
    int read_in_full = 0;
    do {
        REQUIRE(check.check(outlet));
        CHECK(check.facts().device == "rack1-pdu");
        ++read_in_full;
    } while (!check.facts().content && read_in_full < 3);
    CHECK(check.facts().content);
}

TEST_CASE("a recalled line has its own time", "[backfill]") {
    DocumentCheck check;
    const auto at = [](std::string_view time) {
        return replaced(outlet, "2026-11-22T17:00:00.123Z", time);
    };
    REQUIRE(check.check(outlet));
    CHECK_FALSE(check.check(at("")));
    for (const auto* bad : {"", "2026-11-22", "2026-11-22T17:00:01.123"}) {
        REQUIRE(check.check(at("2026-11-22T17:00:01.123Z")));
        CHECK(check.facts().time == sample_time + 1s);
        CAPTURE(bad);
        CHECK_FALSE(check.check(at(bad)));
        REQUIRE(check.check(at("2026-11-22T17:00:01.123Z")));
        CHECK(check.facts().time == sample_time + 1s);
        REQUIRE(check.check(at("2026-11-22T19:00:02.123+02:00")));
        CHECK(check.facts().time == sample_time + 2s);
        REQUIRE(check.check(outlet));
        CHECK(check.facts().time == sample_time);
    }
}
