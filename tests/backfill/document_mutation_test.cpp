// SPDX-License-Identifier: MIT
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <catch2/catch.hpp>
#include <random>

#include "backfill/run/document_check.h"
#include "document/event.h"
#include "document/metric_documents.h"

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

/// Whether a parser that others wrote takes it for JSON, UTF-8 included.
bool is_json(std::string_view text) {
    rapidjson::Reader reader;
    rapidjson::BaseReaderHandler<> ignored;
    rapidjson::MemoryStream stream(text.data(), text.size());
    constexpr auto flags =
        rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
    return text.find('\0') == text.npos && !reader.Parse<flags>(stream, ignored).IsError();
}

std::vector<std::string> good_lines() {
    const Origin origin{"pi4", "1.0", {{"site", "küche"}}, true};
    std::vector<std::string> lines;
    for (int i = 0; i < 3; ++i) {
        const Timestamp time(1795366645123ms + i * 10s);
        PduContext pdu;
        pdu.device.id = "rack1-pdu";
        PduReading reading;
        reading.status.input_voltage = Volts(229.7 + i);
        reading.active_power.outlets[3] = Watts(i * 99);
        for (const auto& document : pdu_documents(origin, pdu, reading, time, {})) {
            lines.push_back(document.json);
        }
        AtsContext ats;
        ats.device.id = "rack1-ats";
        lines.push_back(ats_document(origin, ats, AtsReading{}, time).json);
        Event event;
        event.device.id = "rack1-ats";
        event.action = "transfer";
        lines.push_back(event_document(origin, event, time).json);
    }
    return lines;
}

std::string mutated(std::string line, const std::vector<std::string>& others,
                    std::mt19937& random) {
    static constexpr std::string_view likely =
        "\"\\{}[]:,0123456789.-+eEtrufalsn \x00\x1f\x7f\xc3\xa9\xff";
    for (auto changes = random() % 3 + 1; changes > 0; --changes) {
        const std::size_t at = random() % line.size();
        switch (random() % 5) {
            case 0:
                line[at] = likely[random() % likely.size()];
                break;
            case 1:
                line.erase(at, random() % 4 + 1);
                break;
            case 2:
                line.insert(at, 1, likely[random() % likely.size()]);
                break;
            case 3: {
                const auto& other = others[random() % others.size()];
                const std::size_t from = random() % other.size();
                line.insert(at, other, from, random() % 12);
                break;
            }
            default:
                line.resize(at + 1);
        }
        if (line.empty()) {
            line = "{";
        }
    }
    return line;
}

bool same(const DocumentFacts& a, const DocumentFacts& b) {
    return a.kind == b.kind && a.time == b.time && a.outlet == b.outlet && a.device == b.device &&
           a.action == b.action && a.event_id == b.event_id;
}

}  // namespace

TEST_CASE("damaged documents are taken only if they are JSON, whatever was checked before",
          "[backfill]") {
    const auto lines = good_lines();
    DocumentCheck experienced;
    for (const auto& line : lines) {
        REQUIRE(experienced.check(line));
    }
    std::mt19937 random(std::random_device{}());
    const auto seed = random();
    CAPTURE(seed);
    random.seed(seed);
    int taken = 0;
    for (int i = 0; i < 20000; ++i) {
        const auto line = mutated(lines[random() % lines.size()], lines, random);
        DocumentCheck fresh;
        const bool good = fresh.check(line);
        if (good != experienced.check(line) || (good && !is_json(line)) ||
            (good && !same(fresh.facts(), experienced.facts()))) {
            CAPTURE(line, good, fresh.reason());
            FAIL("the checks disagree");
        }
        const bool malformed = !good && fresh.reason().find(", at byte ") != std::string::npos;
        // Two things can be JSON and are still none of ours: what is no object, and what is nested
        // too deep.
        const bool other_reason =
            fresh.reason().find("nested") != std::string::npos ||
            fresh.reason().find("an object was expected") != std::string::npos;
        if (malformed && !other_reason && is_json(line)) {
            CAPTURE(line, fresh.reason());
            FAIL("it is JSON");
        }
        taken += good ? 1 : 0;
    }
    CHECK(taken > 100);  // the damage is often harmless: another digit
}
