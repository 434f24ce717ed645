// SPDX-License-Identifier: MIT
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "case_file.h"
#include "decoded.h"
#include "protocol/ats.h"
#include "protocol/pdu.h"

using namespace pwlog;
using test::CaseFile;

namespace {

std::string to_text(const rapidjson::Document& document) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    document.Accept(writer);
    return buffer.GetString();
}

std::vector<CaseFile> captured_queries() {
    auto cases = test::load_cases();
    std::erase_if(cases, [](const CaseFile& each) { return !each.captured; });
    return cases;
}

void check_refused(const CaseFile& capture, const std::string& damaged) {
    const auto decoded = test::decode(capture.device, capture.command, damaged);
    INFO(capture.command << " from '" << damaged << "'");
    CHECK_FALSE(decoded);
    if (!decoded) {
        CHECK(decoded.error().kind == ErrorKind::garbled);
        CHECK(decoded.error().message.starts_with(capture.command + ": "));
    }
}

}  // namespace

TEST_CASE("every answer in tests/data/protocol is decoded to what its file expects", "[protocol]") {
    const auto cases = test::load_cases();
    REQUIRE(cases.size() > 200);
    for (const auto& each : cases) {
        INFO(each.name << ": " << each.command << " answered '" << each.answer << "'");
        const auto decoded = test::decode(each.device, each.command, each.answer);
        if (!each.expect.empty()) {
            rapidjson::Document expected;
            REQUIRE_FALSE(expected.Parse(each.expect.c_str()).HasParseError());
            INFO((decoded ? to_text(*decoded) : decoded.error().message));
            REQUIRE(decoded);
            CHECK(*decoded == expected);
        } else {
            INFO((decoded ? to_text(*decoded) : decoded.error().message));
            REQUIRE_FALSE(decoded);
            CHECK(test::kind_name(decoded.error().kind) == each.error);
            CHECK_FALSE(each.message.empty());
            CHECK(decoded.error().message.find(each.message) != std::string::npos);
        }
    }
}

TEST_CASE("there is a captured answer to every query of both devices, as long as the tables say",
          "[protocol]") {
    std::map<std::string, std::size_t> lengths;
    for (const auto& each : captured_queries()) {
        lengths[each.device + " " + each.command] = each.answer.size();
    }
    const auto check = [&](const std::string& device, const Query& query) {
        INFO(device << " " << query.text);
        CHECK(lengths[device + " " + std::string(query.text)] == query.payload_bytes);
    };
    for (const auto& known : pdu::queries) {
        check("pdu", known.query);
    }
    for (const auto& known : ats::queries) {
        check("ats", known.query);
    }
    for (const char* device : {"pdu", "ats"}) {
        check(device, qpi);
    }
    check("ats", qvfw);
    CHECK(lengths["pdu QVFW"] == std::string("VERFW:00.15").size());
    CHECK(lengths.size() == pdu::queries.size() + ats::queries.size() + 4);
}

TEST_CASE("a captured answer cut at any length is an error", "[protocol]") {
    for (const auto& capture : captured_queries()) {
        for (std::size_t length = 0; length < capture.answer.size(); ++length) {
            check_refused(capture, capture.answer.substr(0, length));
        }
    }
}

TEST_CASE("a captured answer that lost its beginning is an error", "[protocol]") {
    for (const auto& capture : captured_queries()) {
        for (std::size_t lost = 1; lost < capture.answer.size(); ++lost) {
            check_refused(capture, capture.answer.substr(lost));
        }
    }
}

TEST_CASE("a captured answer that lost any one byte is an error", "[protocol]") {
    for (const auto& capture : captured_queries()) {
        for (std::size_t lost = 0; lost < capture.answer.size(); ++lost) {
            check_refused(capture, std::string(capture.answer).erase(lost, 1));
        }
    }
}

TEST_CASE("a captured answer with a byte that no number has is an error wherever it stands",
          "[protocol]") {
    for (const auto& capture : captured_queries()) {
        if (capture.command == pdu::qsr.text) {
            continue;  // its first tokens mean nothing and further characters are ignored
        }
        for (std::size_t at = 0; at < capture.answer.size(); ++at) {
            for (const char byte : {'*', '\x01', '\x7f', '\xff', '\t', '\n'}) {
                auto damaged = capture.answer;
                damaged[at] = byte;
                if (capture.command == pdu::qmd.text && byte == '*' && at >= 11 && at < 15) {
                    continue;  // a model may be called PD*
                }
                check_refused(capture, damaged);
            }
        }
    }
}

TEST_CASE("a captured answer with anything behind it is an error", "[protocol]") {
    for (const auto& capture : captured_queries()) {
        for (const std::string tail : {" ", " 0", "\n", "\\"}) {
            if (capture.command == pdu::qsr.text && tail[0] != ' ') {
                continue;
            }
            check_refused(capture, capture.answer + tail);
        }
        check_refused(capture, capture.answer + capture.answer);
    }
}

TEST_CASE("the answer to another query is an error, but for QPW and QPVA, which look alike",
          "[protocol]") {
    const std::set<std::string> twins{"QPW", "QPVA"};
    const auto captures = captured_queries();
    for (const auto& asked : captures) {
        for (const auto& came : captures) {
            const bool same_query = asked.command == came.command;
            if (!same_query && !(twins.contains(asked.command) && twins.contains(came.command))) {
                check_refused(asked, came.answer);
            }
        }
    }
}
