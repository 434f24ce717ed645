// SPDX-License-Identifier: MIT
#include "setup/setup.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "elastic/json.h"
#include "fake_templates.h"
#include "setup/setup_objects.h"
#include "setup_lines.h"
#include "support/hostile_json.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::count;
using test::FakeTemplates;
using test::HttpStub;
using test::line_of;
using test::StubReply;
using test::StubRequest;
using test::TempDir;
using Outcome = SetupOutcome;

namespace {

const std::string policy = "/_ilm/policy/powerwalker";
const std::string metrics = "/_index_template/powerwalker-metrics";

/// A fake server and a client for it.
struct SetupBench {
    FakeTemplates fake;
    HttpStub stub{[this](const StubRequest& request) { return fake(request); }};
    HttpClient client = std::move(*HttpClient::open({}));
    ServerUrl url = *ServerUrl::parse(stub.url(), false);

    std::vector<SetupLine> setup(const SetupOptions& options = {}) {
        auto lines = run_setup(client, url, options);
        REQUIRE(lines);
        return *lines;
    }
    std::size_t writes() const {
        const auto all = stub.requests();
        return static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [](const StubRequest& one) {
                return one.method == "PUT" || one.method == "DELETE" || one.method == "POST";
            }));
    }
};

StubReply error(int status, const std::string& type) {
    return {.status = status, .body = R"({"error":{"type":")" + type + R"(","reason":"why"}})"};
}

}  // namespace

TEST_CASE("setup creates all objects, and a second run leaves them alone", "[elastic]") {
    SetupBench bench;
    const auto first = bench.setup();
    CHECK(first.size() == 8);
    CHECK(count(first, Outcome::created) == 8);
    CHECK(bench.writes() == 8);
    const auto second = bench.setup();
    CHECK(count(second, Outcome::unchanged) == 8);
    CHECK(bench.writes() == 8);
}

TEST_CASE("what index templates are made of is written before them", "[elastic]") {
    SetupBench bench;
    const auto lines = bench.setup();
    const auto is_index_template = [](const SetupLine& line) {
        return line.object.starts_with("index_template/");
    };
    CHECK(std::is_partitioned(lines.begin(), lines.end(), std::not_fn(is_index_template)));
}

TEST_CASE("setup puts back what somebody changed", "[elastic]") {
    SetupBench bench;
    bench.setup();
    auto& body = bench.fake.stored[metrics];
    body.replace(body.find("501"), 3, "10 ");
    const auto lines = bench.setup();
    CHECK(line_of(lines, "index_template/powerwalker-metrics").outcome == Outcome::updated);
    CHECK(count(lines, Outcome::unchanged) == 7);
    CHECK(bench.fake.stored[metrics].find("501") != std::string::npos);
}

TEST_CASE("a dry run tells what would be and writes nothing", "[elastic]") {
    SetupBench bench;
    CHECK(count(bench.setup({.dry_run = true}), Outcome::created) == 8);
    CHECK(bench.writes() == 0);
    CHECK(bench.fake.stored.empty());
}

TEST_CASE("an object of our name that is not ours is left alone and told", "[elastic]") {
    SetupBench bench;
    bench.fake.stored[metrics] = R"({"index_patterns":["powerwalker-*"]})";
    const auto lines = bench.setup();
    CHECK(line_of(lines, "index_template/powerwalker-metrics").outcome == Outcome::failed);
    CHECK(line_of(lines, "index_template/powerwalker-metrics").detail.find("not pwlog's") !=
          std::string::npos);
    CHECK(count(lines, Outcome::created) == 7);
    CHECK(bench.fake.stored[metrics] == R"({"index_patterns":["powerwalker-*"]})");
}

TEST_CASE("an object of a newer program is not set back", "[elastic]") {
    SetupBench bench;
    const std::string newer = R"({"_meta":{"managed_by":"pwlog","version":)" +
                              std::to_string(template_version() + 1) + R"(}})";
    bench.fake.stored[metrics] = newer;
    const auto lines = bench.setup();
    CHECK(line_of(lines, "index_template/powerwalker-metrics").outcome == Outcome::unchanged);
    CHECK(line_of(lines, "index_template/powerwalker-metrics").detail.find("newer") !=
          std::string::npos);
    CHECK(bench.fake.stored[metrics] == newer);
}

TEST_CASE("a refused object fails with the server's reason, the others are done", "[elastic]") {
    SetupBench bench;
    bench.fake.override["PUT " + policy] = error(403, "security_exception");
    const auto lines = bench.setup();
    CHECK(line_of(lines, "ilm/powerwalker").outcome == Outcome::failed);
    CHECK(line_of(lines, "ilm/powerwalker").detail.find("security_exception: why") !=
          std::string::npos);
    CHECK(count(lines, Outcome::created) == 7);
}

TEST_CASE("without lifecycle management setup says so, leaves its part out and goes on",
          "[elastic]") {
    SetupBench bench;
    bench.fake.override["GET " + policy] =
        GENERATE(StubReply{.status = 400, .body = R"({"error":"no handler found for uri"})"},
                 error(410, "api_not_available_exception"), error(405, ""), error(404, "other"));
    const auto lines = bench.setup();
    CHECK(line_of(lines, "ilm/powerwalker").outcome == Outcome::skipped);
    CHECK(line_of(lines, "ilm/powerwalker").detail.find("no ILM") != std::string::npos);
    CHECK(count(lines, Outcome::created) == 6);
    CHECK(bench.fake.stored[metrics].find("lifecycle") == std::string::npos);
    CHECK(bench.fake.stored[metrics].find("powerwalker-settings") != std::string::npos);
    CHECK(count(bench.setup(), Outcome::unchanged) == 6);
}

TEST_CASE("OpenSearch is not asked for a lifecycle", "[elastic]") {
    SetupBench bench;
    bench.fake.banner = R"({"version":{"distribution":"opensearch","number":"2.19.1"}})";
    const auto lines = bench.setup({.choice = {.index_mode = IndexMode::standard}});
    CHECK(line_of(lines, "ilm/powerwalker").outcome == Outcome::skipped);
    CHECK(line_of(lines, "ilm/powerwalker").detail.find("OpenSearch 2.19.1") != std::string::npos);
    for (const auto& request : bench.stub.requests()) {
        CHECK(request.target.find("_ilm") == std::string::npos);
    }
}

TEST_CASE("a server that cannot take the templates gets none of them", "[elastic]") {
    SetupBench bench;
    bench.fake.banner =
        GENERATE(R"({"version":{"distribution":"opensearch","number":"2.19.1"}})",
                 R"({"version":{"number":"8.5.3"},"tagline":"You Know, for Search"})");
    const auto lines = run_setup(bench.client, bench.url, {});
    REQUIRE_FALSE(lines);
    CHECK(lines.error().kind == ErrorKind::invalid);
    CHECK_THAT(lines.error().message, Catch::Contains("has no time-series indices") &&
                                          Catch::Contains("index_mode = \"standard\"") &&
                                          Catch::EndsWith("nothing was installed"));
    CHECK(bench.writes() == 0);
}

TEST_CASE("a retention that the server cannot keep is a failure", "[elastic]") {
    SetupBench bench;
    bench.fake.banner = R"({"version":{"distribution":"opensearch","number":"2.19.1"}})";
    const auto lines = bench.setup(
        {.choice = {.index_mode = IndexMode::standard, .retention = std::chrono::days(90)}});
    const auto& line = line_of(lines, "ilm/powerwalker");
    CHECK(line.outcome == Outcome::failed);
    CHECK_THAT(line.detail, Catch::Contains("--retention 90d is not in force"));
    CHECK(count(lines, Outcome::created) == 6);
}

TEST_CASE("serverless gets no setting that it keeps to itself", "[elastic]") {
    SetupBench bench;
    bench.fake.serverless = true;
    bench.fake.banner =
        R"({"version":{"number":"8.11.0","build_flavor":"serverless"},"tagline":"You Know, for Search"})";
    if (GENERATE(false, true)) {  // it does not say what it is to everybody
        bench.fake.override["GET /"] = error(403, "security_exception");
    }
    const auto lines = bench.setup();
    CHECK(line_of(lines, "ilm/powerwalker").outcome == Outcome::skipped);
    CHECK(count(lines, Outcome::created) == 6);
    const auto& settings = bench.fake.stored["/_component_template/powerwalker-settings"];
    CHECK(settings.find("number_of_shards") == std::string::npos);
    CHECK(settings.find("auto_expand_replicas") == std::string::npos);
    CHECK(settings.find("best_compression") != std::string::npos);
    CHECK(bench.fake.stored[metrics].find("lifecycle") == std::string::npos);
    CHECK(count(bench.setup(), Outcome::unchanged) == 6);
    const auto retention = bench.setup({.choice = {.retention = std::chrono::days(90)}});
    CHECK(count(retention, Outcome::failed) == 1);
    const auto removed = remove_setup(bench.client, bench.url, false);
    REQUIRE(removed);
    CHECK(count(*removed, Outcome::removed) == 6);
    CHECK(count(*removed, Outcome::failed) == 0);
    CHECK(bench.fake.stored.empty());
}

TEST_CASE("the standard mode goes under the same name, without time_series", "[elastic]") {
    SetupBench bench;
    const auto lines = bench.setup({.choice = {.index_mode = IndexMode::standard}});
    CHECK(count(lines, Outcome::created) == 8);
    CHECK(json_text(bench.fake.stored[metrics], "/_meta/index_mode") == "standard");
    CHECK(json_text(bench.fake.stored[metrics], "/template/settings/index/mode").empty());
    CHECK(bench.fake.stored.count("/_component_template/powerwalker-metrics-standard") == 1);
    CHECK(bench.fake.stored.count("/_component_template/powerwalker-metrics") == 0);
}

TEST_CASE("a retention is set with a month on top, and kept until another is asked for",
          "[elastic]") {
    SetupBench bench;
    bench.setup({.choice = {.retention = std::chrono::days(100)}});
    CHECK(json_text(bench.fake.stored[policy], "/policy/phases/delete/min_age") == "131d");
    CHECK(json_text(bench.fake.stored[policy], "/policy/_meta/retention") == "100d");
    CHECK(count(bench.setup(), Outcome::unchanged) == 8);
    const auto lines = bench.setup({.choice = {.retention = std::chrono::days(730)}});
    CHECK(line_of(lines, "ilm/powerwalker").outcome == Outcome::updated);
    CHECK(json_text(bench.fake.stored[policy], "/policy/phases/delete/min_age") == "761d");
}

TEST_CASE("remove takes away what is ours, parts last, and leaves what is not", "[elastic]") {
    SetupBench bench;
    bench.setup();
    bench.setup({.choice = {.index_mode = IndexMode::standard}});
    bench.fake.stored["/_component_template/powerwalker-base"] = "{}";
    const auto dry = remove_setup(bench.client, bench.url, true);
    REQUIRE(dry);
    CHECK(count(*dry, Outcome::removed) == 8);
    CHECK(bench.fake.stored.size() == 9);
    const auto lines = remove_setup(bench.client, bench.url, false);
    REQUIRE(lines);
    CHECK(count(*lines, Outcome::removed) == 8);
    CHECK(line_of(*lines, "component_template/powerwalker-base").outcome == Outcome::skipped);
    CHECK(bench.fake.stored.size() == 1);
    CHECK(lines->front().object.starts_with("index_template/"));
    CHECK(lines->back().object == "ilm/powerwalker");
    const auto again = remove_setup(bench.client, bench.url, false);
    REQUIRE(again);
    CHECK(count(*again, Outcome::unchanged) == 8);
}

TEST_CASE("a policy that indices still use stays, and how to let it go is said", "[elastic]") {
    SetupBench bench;
    bench.setup();
    bench.fake.override["DELETE " + policy] = {
        .status = 400,
        .body =
            R"({"error":{"type":"illegal_argument_exception","reason":"Cannot delete policy )"
            R"([powerwalker]. It is in use by one or more indices: [powerwalker-metrics-2026.11]"}})"};
    const auto lines = remove_setup(bench.client, bench.url, false);
    REQUIRE(lines);
    const auto& line = line_of(*lines, "ilm/powerwalker");
    CHECK(line.outcome == Outcome::skipped);
    CHECK_THAT(line.detail, Catch::Contains("POST /powerwalker-*/_ilm/remove"));
    CHECK(bench.fake.stored.size() == 1);
}

TEST_CASE("setup does not touch a server that is not Elasticsearch", "[elastic]") {
    SetupBench bench;
    bench.fake.banner = "<html>";
    const auto lines = run_setup(bench.client, bench.url, {});
    REQUIRE_FALSE(lines);
    CHECK(lines.error().kind == ErrorKind::invalid);
    CHECK(bench.stub.requests().size() == 1);
}

TEST_CASE("print writes what setup would send, without a server", "[elastic]") {
    const TempDir folder;
    const auto files = print_setup({.retention = std::chrono::days(10)}, folder.path() / "out");
    REQUIRE(files);
    CHECK(files->size() == 8);
    std::ifstream stream(folder.path() / "out/ilm/powerwalker.json");
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    CHECK(json_text(text, "/policy/phases/delete/min_age") == "41d");
    CHECK_FALSE(print_setup({}, folder.write("file", "")));
}

TEST_CASE("a folder can stand in for the mappings in the program", "[elastic]") {
    const TempDir folder;
    REQUIRE(print_setup({}, folder.path()));
    std::ofstream(folder.path() / "ilm/powerwalker.json") << R"({"policy":{"phases":{}}})";
    SetupBench bench;
    bench.setup({.choice = {.mappings = folder.path()}});
    CHECK(bench.fake.stored[policy] == R"({"policy":{"phases":{}}})");
    std::ofstream(folder.path() / "ilm/powerwalker.json") << "{";
    CHECK(
        run_setup(bench.client, bench.url, {.choice = {.mappings = folder.path()}}).error().kind ==
        ErrorKind::invalid);
    CHECK(
        run_setup(bench.client, bench.url, {.choice = {.mappings = "/nonexistent"}}).error().kind ==
        ErrorKind::not_found);
}

TEST_CASE("numbers and texts are one setting, defaults of the server are no difference",
          "[elastic]") {
    CHECK(covers(R"({"a":{"n":"1","b":"false","more":2}})", "/a", R"({"n":1,"b":false})"));
    CHECK(covers(R"({"a":["x","y"]})", "", R"({"a":["x","y"]})"));
    CHECK_FALSE(covers(R"({"a":["x","y"]})", "", R"({"a":["x"]})"));
    CHECK_FALSE(covers(R"({"a":["y","x"]})", "", R"({"a":["x","y"]})"));
    CHECK_FALSE(covers(R"({"a":1})", "", R"({"a":2})"));
    CHECK_FALSE(covers(R"({"a":1})", "", R"({"b":1})"));
    CHECK_FALSE(covers(R"({"a":{}})", "", R"({"a":"{}"})"));
    CHECK_FALSE(covers(R"({"a":1})", "/b", R"({"a":1})"));
    CHECK_FALSE(covers("{", "", "{}"));
}

TEST_CASE("answers that are nested without end fail what they answer, and nothing more",
          "[elastic]") {
    for (const auto& value : test::hostile_values()) {
        SetupBench bench;
        bench.setup();
        bench.fake.override["GET " + policy] = {.body = R"({"powerwalker":)" + value + "}"};
        bench.fake.override["GET " + metrics] = {.body = value};
        const auto lines = bench.setup();
        CHECK(count(lines, Outcome::unchanged) + 2 == lines.size());
        CHECK_FALSE(covers(value, "", "{}"));
        bench.fake.override["GET /powerwalker-*/_mapping?filter_path=*.mappings._meta"] = {
            .body = value};
        CHECK(bench.setup().size() >= lines.size());
        bench.fake.banner = value;
        CHECK_FALSE(run_setup(bench.client, bench.url, {}));
    }
}
