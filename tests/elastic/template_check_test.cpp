// SPDX-License-Identifier: MIT
#include "elastic/template_check.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "support/hostile_json.h"
#include "support/http_stub.h"

using namespace pwlog;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;
using TemplateState = TemplateCheck::State;

namespace {

constexpr std::int64_t brought_version = 7;
const std::string index_name = "powerwalker-metrics-2026.11";
const StubReply forbidden{.status = 403, .body = R"({"error":{"type":"security_exception"}})"};
const StubReply no_index{.status = 404,
                         .body = R"({"error":{"type":"index_not_found_exception"}})"};

std::string meta(std::int64_t version, const std::string& mode = "time_series") {
    return R"({"mappings":{"_meta":{"managed_by":"pwlog","version":)" + std::to_string(version) +
           R"(,"index_mode":")" + mode + "\"}}}";
}

std::string index_with(const std::string& name, const std::string& mapping) {
    return "{\"" + name + "\":" + mapping + "}";
}

/// What the server says to its three questions.
struct Answers {
    StubReply index = no_index;
    StubReply simulation = forbidden;
    StubReply siblings = forbidden;
};

Result<TemplateCheck> check(const Answers& answers) {
    HttpStub stub([&](const StubRequest& request) {
        if (request.target.starts_with("/_index_template/_simulate_index/" + index_name)) {
            return answers.simulation;
        }
        return request.target.starts_with("/" + index_name + "/_mapping") ? answers.index
                                                                          : answers.siblings;
    });
    auto client = HttpClient::open({});
    return check_template(*client, *ServerUrl::parse(stub.url(), false), {}, {brought_version},
                          index_name);
}

void check_state(const Result<TemplateCheck>& result, TemplateState state) {
    REQUIRE(result);
    CHECK(result->state == state);
    CHECK(result->may_ship() == (state == TemplateState::present || state == TemplateState::newer));
    CHECK(result->message.empty() == result->may_ship());
}

}  // namespace

TEST_CASE("an index is judged by the _meta in its own mapping", "[elastic]") {
    const auto now = brought_version;
    REQUIRE(now >= 1);
    const auto [mapping, state] = GENERATE_REF(table<std::string, TemplateState>({
        {meta(now), TemplateState::present},
        {meta(now + 1), TemplateState::newer},
        {meta(now - 1), TemplateState::outdated},
        {"{}", TemplateState::foreign},
        {R"({"mappings":{"_meta":{"managed_by":"other","version":1,"index_mode":"standard"}}})",
         TemplateState::foreign},
        {R"({"mappings":{"_meta":{"managed_by":"pwlog"}}})", TemplateState::foreign},
        {R"({"mappings":{"_meta":5}})", TemplateState::foreign},
        {"5", TemplateState::foreign},
    }));
    check_state(check({.index = {.body = index_with(index_name, mapping)}}), state);
}

TEST_CASE("an index without any _meta is somebody else's", "[elastic]") {
    check_state(check({.index = {.body = "{}"}}), TemplateState::foreign);  // as the filter answers
}

TEST_CASE("where there is no index the template that would apply is judged", "[elastic]") {
    const auto now = brought_version;
    const auto [body, state] = GENERATE_REF(table<std::string, TemplateState>({
        {"{\"template\":" + meta(now) + ",\"overlapping\":[]}", TemplateState::present},
        {"{\"template\":" + meta(now + 7) + "}", TemplateState::newer},
        {"{\"template\":" + meta(now - 1) + "}", TemplateState::outdated},
        {R"({"template":{"settings":{}},"overlapping":[{"name":"powerwalker-metrics"}]})",
         TemplateState::foreign},
        {"{}", TemplateState::missing},
    }));
    check_state(check({.simulation = {.body = body}}), state);
    check_state(check({.index = forbidden, .simulation = {.body = body}}), state);
}

TEST_CASE("a key that may read indices only judges by the newest of them", "[elastic]") {
    const auto now = brought_version;
    const std::string old_month = "\"powerwalker-metrics-2026.09\":" + meta(now - 1);
    const std::string last_month = "\"powerwalker-metrics-2026.10\":" + meta(now, "standard");
    const auto result = check({.siblings = {.body = "{" + last_month + "," + old_month + "}"}});
    check_state(result, TemplateState::present);
    CHECK(result->index_mode == IndexMode::standard);
}

TEST_CASE("a key that may read nothing is told how to get one", "[elastic]") {
    for (const auto& siblings : {forbidden, StubReply{.body = "{}"}, no_index}) {
        const auto result = check({.siblings = siblings});
        check_state(result, TemplateState::unknown);
        CHECK(result->message.find("view_index_metadata") != std::string::npos);
    }
}

TEST_CASE("the index mode comes from the index, not from the configuration", "[elastic]") {
    const auto [mode, expected] = GENERATE(table<std::string, IndexMode>(
        {{"time_series", IndexMode::time_series}, {"standard", IndexMode::standard}}));
    const auto result =
        check({.index = {.body = index_with(index_name, meta(brought_version, mode))}});
    REQUIRE(result);
    CHECK(result->index_mode == expected);
}

TEST_CASE("messages name the next step", "[elastic]") {
    CHECK(check({.simulation = {.body = "{}"}})->message.find("`pwlog setup`") !=
          std::string::npos);
    CHECK(check({.index = {.body = "{}"}})->message.find("is not pwlog's") != std::string::npos);
}

TEST_CASE("a server that could not take our templates is not told to be set up", "[elastic]") {
    HttpStub stub([](const StubRequest& request) {
        return request.target.find("_simulate_index") == std::string::npos
                   ? no_index
                   : StubReply{.body = "{}"};
    });
    auto client = HttpClient::open({});
    const ServerInfo opensearch{.product = ServerInfo::Product::opensearch, .version = "2.19.1"};
    const auto url = *ServerUrl::parse(stub.url(), false);
    const auto series = check_template(*client, url, opensearch, {brought_version}, index_name);
    REQUIRE(series);
    CHECK(series->state == TemplateState::missing);
    CHECK_THAT(series->message, Catch::StartsWith("OpenSearch 2.19.1 has no time-series indices"));
    const auto standard = check_template(*client, url, opensearch,
                                         {brought_version, IndexMode::standard}, index_name);
    REQUIRE(standard);
    CHECK_THAT(standard->message, Catch::Contains("run `pwlog setup` once"));
}

TEST_CASE("a server that cannot say is an error, not a missing template", "[elastic]") {
    const auto [reply, kind] = GENERATE(table<StubReply, ErrorKind>({
        {StubReply{.status = 401, .body = "{}"}, ErrorKind::denied},
        {StubReply{.status = 503, .body = "{}"}, ErrorKind::unavailable},
        {StubReply{.status = 429, .body = "{}"}, ErrorKind::unavailable},
        {StubReply{.status = 400, .body = "{}"}, ErrorKind::garbled},
        {StubReply{.body = "<html>", .headers = {"Content-Type: text/html"}}, ErrorKind::garbled},
        {StubReply{.body = "{}", .headers = {"Content-Type: application/json"}},
         ErrorKind::garbled},
        {StubReply{.body = "{\"a\":\"" + std::string(600'000, 'x') + "\"}"}, ErrorKind::garbled},
        {StubReply{.end = StubReply::End::reset, .cut_after = 0}, ErrorKind::unavailable},
    }));
    for (const auto& answers : {Answers{.index = reply}, Answers{.simulation = reply}}) {
        const auto result = check(answers);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == kind);
    }
}

TEST_CASE("an answer that is nested without end is no template of ours", "[elastic]") {
    for (const auto& value : test::hostile_values()) {
        const StubReply bare{.body = value};
        const StubReply inside{.body = R"({"template":{"mappings":)" + value + "}}"};
        const StubReply index{.body = index_with(index_name, value)};
        for (const auto& answers : {Answers{.index = bare}, Answers{.index = index},
                                    Answers{.simulation = bare}, Answers{.simulation = inside},
                                    Answers{.siblings = bare}, Answers{.siblings = index}}) {
            const auto result = check(answers);
            CHECK_FALSE((result && result->may_ship()));
        }
    }
}
