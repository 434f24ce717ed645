// SPDX-License-Identifier: MIT
#include "setup/kibana_setup.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>

#include "elastic/json.h"
#include "fake_kibana.h"
#include "setup_lines.h"
#include "support/hostile_json.h"
#include "support/paths.h"
#include "support/temp_dir.h"

using namespace pwlog;
using test::count;
using test::FakeKibana;
using test::HttpStub;
using test::line_of;
using test::StubReply;
using test::StubRequest;
using Outcome = SetupOutcome;

namespace {

const std::string overview = "dashboard/powerwalker-overview";

struct KibanaBench {
    FakeKibana fake;
    HttpStub stub{[this](const StubRequest& request) { return fake(request); }};
    HttpClient client = std::move(*HttpClient::open({.gzip = false}));
    ServerUrl url = *ServerUrl::parse(stub.url(), false);

    std::vector<SetupLine> setup(const KibanaOptions& options = {}) {
        auto lines = run_kibana_setup(client, url, options);
        REQUIRE(lines);
        return *lines;
    }
    Error problem(const KibanaOptions& options = {}) {
        const auto lines = run_kibana_setup(client, url, options);
        REQUIRE(!lines);
        return lines.error();
    }
    std::size_t imports() const {
        const auto all = stub.requests();
        return static_cast<std::size_t>(
            std::count_if(all.begin(), all.end(), [](const StubRequest& one) {
                return one.target.find("_import") != std::string::npos;
            }));
    }
};

}  // namespace

TEST_CASE("Kibana gets all objects in one import, and a second run sends nothing", "[elastic]") {
    KibanaBench bench;
    const auto first = bench.setup();
    CHECK(first.size() == 8);
    CHECK(count(first, Outcome::created) == 8);
    CHECK(bench.fake.stored.size() == 8);
    CHECK(bench.imports() == 1);
    CHECK(bench.fake.wrong.empty());
    const auto stored = bench.fake.stored;
    const auto second = bench.setup();
    CHECK(count(second, Outcome::unchanged) == 8);
    CHECK(bench.imports() == 1);
    CHECK(bench.fake.stored == stored);
}

TEST_CASE("only the object that differs is sent again", "[elastic]") {
    KibanaBench bench;
    bench.setup();
    auto& line = bench.fake.stored[overview];
    const auto ours = line;
    line = std::regex_replace(line, std::regex("now-24h"), "now-7d");
    REQUIRE(line != ours);
    const auto lines = bench.setup();
    CHECK(line_of(lines, overview).outcome == Outcome::updated);
    CHECK(count(lines, Outcome::unchanged) == 7);
    CHECK(line == ours);
    const auto body = bench.stub.requests().back().body;
    CHECK(body.find(R"("id":"powerwalker-logger","attributes")") == std::string::npos);
}

TEST_CASE("an object without its like among those stored is created beside them", "[elastic]") {
    KibanaBench bench;
    bench.setup();
    bench.fake.stored.erase(overview);
    const auto lines = bench.setup();
    CHECK(line_of(lines, overview).outcome == Outcome::created);
    CHECK(count(lines, Outcome::unchanged) == 7);
}

TEST_CASE("what Kibana raised to a newer version is still the same object", "[elastic]") {
    KibanaBench bench;
    bench.setup();
    auto& line = bench.fake.stored[overview];
    line = std::regex_replace(line, std::regex(R"("typeMigrationVersion":"8.9.0")"),
                              R"("typeMigrationVersion":"10.2.0","managed":false)");
    CHECK(line_of(bench.setup(), overview).outcome == Outcome::unchanged);
}

TEST_CASE("an object that fails within an answer of 200 is a failure with its reason",
          "[elastic]") {
    KibanaBench bench;
    bench.fake.refuse[overview] = "definition for this key is missing";
    const auto lines = bench.setup();
    CHECK(line_of(lines, overview).outcome == Outcome::failed);
    CHECK(line_of(lines, overview).detail == "unknown definition for this key is missing");
    CHECK(count(lines, Outcome::created) == 7);
}

TEST_CASE("an object that came out under another id is a failure", "[elastic]") {
    KibanaBench bench;
    bench.fake.rename[overview] = "0b5c";
    CHECK(line_of(bench.setup(), overview).detail ==
          "Kibana gave it the id 0b5c, as ours is taken");
}

TEST_CASE("an import that is refused or makes no sense fails every object", "[elastic]") {
    const auto reply = GENERATE(
        StubReply{.status = 422, .body = R"({"statusCode":422,"message":"newer version"})"},
        StubReply{.status = 200, .body = "<html>"},
        StubReply{.status = 200, .body = R"({"success":true,"successCount":8})"},
        StubReply{.status = 502, .body = ""});
    KibanaBench bench;
    bench.fake.override["POST /api/saved_objects/_import?overwrite=true"] = reply;
    const auto lines = bench.setup();
    CHECK(count(lines, Outcome::failed) == 8);
    for (const auto& line : lines) {
        CHECK(!line.detail.empty());
    }
}

TEST_CASE("a dry run says what would be and imports nothing", "[elastic]") {
    KibanaBench bench;
    CHECK(count(bench.setup({.alerts = true, .dry_run = true}), Outcome::created) == 13);
    CHECK(bench.fake.stored.empty());
    CHECK(bench.fake.rules.empty());
}

TEST_CASE("in a space all ids, references and links begin with its name", "[elastic]") {
    KibanaBench bench;
    bench.fake.space = "attic";
    const KibanaOptions options{.choice = *choose_kibana_objects("attic", {}), .alerts = true};
    const auto lines = bench.setup(options);
    CHECK(count(lines, Outcome::created) == 13);
    const auto& line = bench.fake.stored.at("dashboard/attic-powerwalker-overview");
    CHECK(line.find("](#/view/attic-powerwalker-outlets)") != std::string::npos);
    const std::regex bare(R"(("id":"|view/)powerwalker)");
    CHECK_FALSE(std::regex_search(line, bare));
    CHECK(bench.stub.requests().back().target.starts_with("/s/attic/api/alerting/rule/"));
    CHECK(count(bench.setup(options), Outcome::unchanged) == 13);

    const auto rules = bench.fake.rules;
    bench.setup({.alerts = true});
    CHECK(bench.fake.rules.size() == 2 * rules.size());
}

TEST_CASE("the default space is no space, and a name that would change a path is none",
          "[elastic]") {
    CHECK(choose_kibana_objects("default", {})->space.empty());
    CHECK(choose_kibana_objects("my_space-2", {})->space == "my_space-2");
    for (const char* bad : {"../x", "Upper", "a b", "a/b", "a?b", "ä"}) {
        const auto choice = choose_kibana_objects(bad, {});
        REQUIRE(!choice);
        CHECK(choice.error().kind == ErrorKind::invalid);
    }
}

TEST_CASE("a space that does not exist is refused before anything is imported", "[elastic]") {
    KibanaBench bench;
    const auto error = bench.problem({.choice = {.space = "nowhere"}});
    CHECK(error.kind == ErrorKind::not_found);
    CHECK(error.message == "there is no space 'nowhere' in Kibana; create it first");
    CHECK(bench.imports() == 0);
}

TEST_CASE("what is no Kibana, too old, not ready or not ours to change is told apart",
          "[elastic]") {
    KibanaBench bench;
    auto& status = bench.fake.override["GET /api/status"];
    status = {.body = R"({"version":{"number":"8.19.21"},"tagline":"You Know, for Search"})"};
    CHECK(bench.problem().kind == ErrorKind::invalid);
    status = {.status = 401, .body = R"({"statusCode":401,"message":"no"})"};
    CHECK(bench.problem().kind == ErrorKind::denied);
    status = {.status = 503, .body = "Kibana server is not ready yet"};
    CHECK(bench.problem().kind == ErrorKind::unavailable);
    status = {.status = 503,
              .body = R"({"status":{"overall":{"level":"unavailable","summary":"waiting"}}})"};
    CHECK(bench.problem().message.ends_with("is not ready: waiting"));
    for (const char* old : {"8.11.4", "7.17.0"}) {
        bench.fake.override.clear();
        bench.fake.version = old;
        CHECK(bench.problem().message.find("8.12 or later is needed") != std::string::npos);
    }
    for (const char* good : {"8.12.0", "8.19.2", "9.0.0", "10.1.0"}) {
        KibanaBench other;
        other.fake.version = good;
        CHECK(other.setup().size() == 8);
    }
}

TEST_CASE("who may not read saved objects is told so", "[elastic]") {
    KibanaBench bench;
    bench.fake.override["POST /api/saved_objects/_export"] = {
        .status = 403, .body = R"({"statusCode":403,"message":"Unable to export"})"};
    const auto error = bench.problem();
    CHECK(error.kind == ErrorKind::denied);
    CHECK(error.message == "reading the saved objects: HTTP 403: Unable to export");
}

TEST_CASE("rules are created as Kibana's schema wants them, only when asked", "[elastic]") {
    KibanaBench bench;
    bench.setup();
    CHECK(bench.fake.rules.empty());
    const auto lines = bench.setup({.alerts = true});
    CHECK(count(lines, Outcome::created) == 5);
    CHECK(bench.fake.rules.size() == 5);
    const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    for (const auto& [id, body] : bench.fake.rules) {
        CHECK(std::regex_match(id, uuid));  // no other id is taken for a rule
        CHECK(json_text(body, "/name").starts_with("PowerWalker: "));
    }
}

TEST_CASE("the check of rules finds what Kibana would refuse", "[elastic]") {
    const auto rules = load_kibana_rules({});
    REQUIRE(rules);
    for (const auto& rule : *rules) {
        CHECK(test::problem_of_rule(rule.body).empty());
        const auto with = [&rule](const char* part, const char* instead) {
            const auto changed = std::regex_replace(rule.body, std::regex(part), instead);
            REQUIRE(changed != rule.body);
            return test::problem_of_rule(changed);
        };
        CHECK(!with(R"("consumer")", R"("consumed")").empty());
        CHECK(!with(R"("timeWindowSize":\d+)", R"("timeWindowSize":"5")").empty());
        CHECK(!with(R"("groupBy":"\w+")", R"("groupBy":"row")").empty() ==
              (rule.body.find("termField") != std::string::npos));
        CHECK(!with(R"("aggType":"\w+")", R"("aggType":"median")").empty() ==
              (rule.body.find("aggField") == std::string::npos));
    }
}

TEST_CASE("a rule that exists is left as it is, and one that is refused says why", "[elastic]") {
    KibanaBench bench;
    bench.setup({.alerts = true});
    for (auto& [id, body] : bench.fake.rules) {
        body = R"({"name":"mine"})";
    }
    const auto again = bench.setup({.alerts = true});
    CHECK(line_of(again, "rule/overload").outcome == Outcome::unchanged);
    CHECK(bench.fake.rules.begin()->second == R"({"name":"mine"})");

    const auto rules = load_kibana_rules({});
    REQUIRE(rules);
    bench.fake.rules.clear();
    bench.fake.override["POST /api/alerting/rule/" + rules->front().id] = {
        .status = 403, .body = R"({"statusCode":403,"message":"Unauthorized to create a rule"})"};
    const auto lines = bench.setup({.alerts = true});
    const auto& line = line_of(lines, rules->front().label());
    CHECK(line.outcome == Outcome::failed);
    CHECK(line.detail == "HTTP 403: Unauthorized to create a rule");
}

TEST_CASE("the objects can be written to files, one object a line", "[elastic]") {
    const test::TempDir dir;
    const auto names = print_kibana_objects({}, dir.path());
    REQUIRE(names);
    CHECK(names->size() == 6);
    std::ifstream file(dir.path() / "kibana" / "powerwalker.ndjson");
    std::size_t lines = 0;
    for (std::string line; std::getline(file, line); ++lines) {
        CHECK(json_text(line, "/coreMigrationVersion") == "8.8.0");
    }
    CHECK(lines == 8);
}

TEST_CASE("objects from a folder are taken instead, and a file that is none is named",
          "[elastic]") {
    const test::TempDir dir;
    const KibanaChoice choice{.folder = dir.path()};
    CHECK(load_kibana_objects(choice).error().kind == ErrorKind::not_found);
    std::filesystem::copy(test::source_dir() / "kibana", dir.path(),
                          std::filesystem::copy_options::recursive);
    CHECK(load_kibana_objects(choice)->size() == 8);
    CHECK(load_kibana_rules(choice)->size() == 5);
    std::ofstream(dir.path() / "tag-powerwalker.json") << R"({"type":"tag"})";
    std::ofstream(dir.path() / "alerts" / "overload.json") << "{}";
    CHECK(load_kibana_objects(choice).error().message ==
          "tag-powerwalker.json is not a saved object");
    CHECK(load_kibana_rules(choice).error().message ==
          "alerts/overload.json is not an alerting rule");
}

TEST_CASE("answers of Kibana that are nested without end fail the import", "[elastic]") {
    for (const auto& value : test::hostile_values()) {
        KibanaBench bench;
        bench.fake.override["POST /api/saved_objects/_import?overwrite=true"] = {.body = value};
        const auto lines = bench.setup();
        CHECK(count(lines, Outcome::failed) == lines.size());
    }
}
