// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "elastic/bulk.h"
#include "elastic/bulk_sender.h"
#include "elastic/json.h"
#include "elastic/server.h"
#include "elastic/template_check.h"
#include "setup/setup.h"
#include "setup/setup_indices.h"
#include "support/paths.h"
#include "support/views.h"

using namespace pwlog;
using C = Concerns;
using O = Outcome;

namespace {

constexpr auto metrics_index = "powerwalker-metrics-2026.11";
constexpr auto events_index = "powerwalker-events-2026.11";

std::string outlet(int second, const std::string& watts = "40") {
    return R"({"@timestamp":"2026-11-22T10:00:0)" + std::to_string(second) +
           R"(.123Z","event":{"dataset":"powerwalker.outlet"},"device":{"id":"d"},)"
           R"("powerwalker":{"outlet":{"number":1,"power_w":)" +
           watts + "}}}";
}

/// The node of the tests, without anything of ours on it.
class Node {
  public:
    Node() {
        std::string text;
        std::getline(std::ifstream(test::node_file()) >> std::ws, text);
        auto parsed = ServerUrl::parse(text, true);
        REQUIRE(parsed);
        url = *parsed;
        for (const auto* index : {metrics_index, events_index}) {
            send(HttpMethod::del, std::string("/") + index);
        }
        REQUIRE(remove_setup(client, url, false));
        info = *identify_server(client, url);
    }

    HttpReply send(HttpMethod method, const std::string& path, const std::string& body = {}) {
        const auto reply = client.send(url, {.method = method, .path = path, .body = body});
        REQUIRE(reply);
        return *reply;
    }

    BulkReply create(const std::vector<Document>& documents) {
        BulkBody body;
        for (const auto& document : documents) {
            REQUIRE(body.add(document.index, document.id, document.json) == BulkBody::Added::yes);
        }
        const auto reply = client.send(url, {.method = HttpMethod::post,
                                             .path = std::string(bulk_path),
                                             .body = body.text(),
                                             .content_type = "application/x-ndjson"});
        REQUIRE(reply);
        REQUIRE(classify_response(info, *reply) == RequestVerdict::ok);
        auto read = parse_bulk_reply(reply->body, documents.size());
        REQUIRE(read);
        return *read;
    }

    TemplateCheck check(const std::string& index) {
        const auto result = check_template(client, url, info, {template_version()}, index);
        REQUIRE(result);
        return *result;
    }

    HttpClient client = std::move(*HttpClient::open({}));
    ServerUrl url = *ServerUrl::parse("http://localhost", true);
    ServerInfo info;
};

bool all(const std::vector<SetupLine>& lines, SetupOutcome outcome) {
    return std::all_of(lines.begin(), lines.end(), [=](const SetupLine& line) {
        INFO(line.object << ": " << line.detail);
        return line.outcome == outcome || line.outcome == SetupOutcome::skipped;
    });
}

}  // namespace

TEST_CASE("setup on a node creates, then changes nothing, in both modes", "[elastic][node]") {
    Node node;
    for (const auto mode : {IndexMode::time_series, IndexMode::standard}) {
        const SetupOptions options{.choice = {.index_mode = mode}};
        const auto first = run_setup(node.client, node.url, options);
        REQUIRE(first);
        CHECK(first->size() >= 7);
        CHECK(std::none_of(first->begin(), first->end(), [](const SetupLine& line) {
            return line.outcome == SetupOutcome::failed;
        }));
        const auto second = run_setup(node.client, node.url, options);
        REQUIRE(second);
        CHECK(all(*second, SetupOutcome::unchanged));
        CHECK(node.check(metrics_index).index_mode == mode);
    }
}

TEST_CASE("the node is known, and so is whether our templates are on it", "[elastic][node]") {
    Node node;
    CHECK(node.info.product == ServerInfo::Product::elasticsearch);
    CHECK(node.info.major >= 8);
    CHECK(node.check(metrics_index).state == TemplateCheck::State::missing);
    REQUIRE(run_setup(node.client, node.url, {}));
    CHECK(node.check(metrics_index).state == TemplateCheck::State::present);
    CHECK(node.check(events_index).index_mode == IndexMode::standard);

    const auto other = node.send(HttpMethod::put, "/_index_template/pwlog-test-other",
                                 R"({"index_patterns":["powerwalker-m*"],"priority":900})");
    REQUIRE(other.status == 200);
    CHECK(node.check(metrics_index).state == TemplateCheck::State::foreign);
    node.send(HttpMethod::del, "/_index_template/pwlog-test-other");
}

TEST_CASE("an index that others made is not shipped to, whatever the templates say",
          "[elastic][node]") {
    Node node;
    REQUIRE(node.send(HttpMethod::put, std::string("/") + metrics_index).status == 200);
    REQUIRE(run_setup(node.client, node.url, {}));
    CHECK(node.check(metrics_index).state == TemplateCheck::State::foreign);
}

TEST_CASE("documents are stored once: the second time each is a duplicate", "[elastic][node]") {
    Node node;
    REQUIRE(run_setup(node.client, node.url, {}));
    const auto first = outlet(1);
    const auto second = outlet(2);
    const std::string event = R"({"@timestamp":"2026-11-22T10:00:00.123Z","message":"hello"})";
    const std::vector<Document> documents{
        {"", metrics_index, first}, {"", metrics_index, second}, {"event-1", events_index, event}};
    CHECK(node.create(documents).outcomes == std::vector<O>(3, O::stored));
    CHECK(node.create(documents).outcomes == std::vector<O>(3, O::duplicate));
}

TEST_CASE("one document with a wrong type is refused with its reason, the others stored",
          "[elastic][node]") {
    Node node;
    REQUIRE(run_setup(node.client, node.url, {}));
    const auto first = outlet(1);
    const auto wrong = outlet(2, "\"much\"");
    const auto third = outlet(3);
    const auto reply = node.create(
        {{"", metrics_index, first}, {"", metrics_index, wrong}, {"", metrics_index, third}});
    CHECK(reply.outcomes == std::vector<O>{O::stored, O::rejected, O::stored});
    REQUIRE(reply.problems.size() == 1);
    CHECK(reply.problems[0].position == 1);
    CHECK(reply.problems[0].status == 400);
    CHECK(reply.problems[0].reason.find("power_w") != std::string::npos);
}

TEST_CASE("an id of our own in a time-series index is the index's state, and not stored twice",
          "[elastic][node]") {
    Node node;
    REQUIRE(run_setup(node.client, node.url, {}));
    const auto first = outlet(1);
    CHECK(node.create({{"mine", metrics_index, first}}).problems.at(0).concerns == C::index);
}

TEST_CASE("each refusal that a node can be made to give is judged by whose fault it is",
          "[elastic][node]") {
    struct Case {
        std::string index;     // what it is made of, and what is sent then
        std::string document;  // to /pwlog-case
        C concerns;
        std::string type;
    };
    const std::string plain =
        R"({"mappings":{"properties":{"a":{"type":"long"},"o":{"properties":)"
        R"({"x":{"type":"long"}}},"t":{"type":"text","analyzer":"keyword"}}}})";
    const std::string series =
        R"({"settings":{"index.mode":"time_series","index.routing_path":["d"],)"
        R"("index.time_series.start_time":"2026-11-01T00:00:00Z",)"
        R"("index.time_series.end_time":"2026-12-01T00:00:00Z"},"mappings":{"properties":{)"
        R"("@timestamp":{"type":"date"},"d":{"type":"keyword","time_series_dimension":true}}}})";
    const auto with = [](const std::string& settings) {
        return "{\"settings\":{" + settings + "}}";
    };
    const auto c = GENERATE_COPY(values<Case>({
        {plain, R"({"a":"much"})", C::document, "document_parsing_exception"},
        {plain, R"({"a":1e30})", C::document, "document_parsing_exception"},
        {plain, R"({"o":3})", C::document, "document_parsing_exception"},
        {plain, R"({"a":)", C::document, "document_parsing_exception"},
        {plain, R"({"a":1,"a":2})", C::document, "document_parsing_exception"},
        {plain, R"([1])", C::document, "document_parsing_exception"},
        {plain, R"({"a":1}{"a":2})", C::document, "illegal_argument_exception"},
        {plain, R"({"w":1,"w.z":2})", C::document, "illegal_argument_exception"},
        {plain, R"({"t":")" + std::string(40'000, 'x') + "\"}", C::document,
         "illegal_argument_exception"},
        {R"({"mappings":{"dynamic":"strict"}})", R"({"b":1})", C::document,
         "strict_dynamic_mapping_exception"},
        {R"({"mappings":{"_routing":{"required":true}}})", R"({"b":1})", C::index,
         "routing_missing_exception"},
        {with(R"("index.mapping.total_fields.limit":3)"), R"({"b":1,"c":2,"d":3,"e":4})",
         C::document, "document_parsing_exception"},
        {with(R"("index.mapping.depth.limit":2)"), R"({"b":{"c":{"d":1}}})", C::document,
         "document_parsing_exception"},
        {with(R"("index.default_pipeline":"nobody")"), R"({"b":1})", C::index,
         "illegal_argument_exception"},
        {with(R"("index.blocks.write":true)"), R"({"b":1})", C::index, "cluster_block_exception"},
        {with(R"("index.blocks.read_only":true)"), R"({"b":1})", C::index,
         "cluster_block_exception"},
        {with(R"("index.blocks.read_only_allow_delete":true)"), R"({"b":1})", C::index,
         "cluster_block_exception"},
        {series, R"({"@timestamp":"2025-11-05T00:00:00.000Z","d":"x"})", C::document,
         "document_parsing_exception"},
        {series, R"({"d":"x"})", C::document, "document_parsing_exception"},
        {series, R"({"@timestamp":"2026-11-05T00:00:00.000Z"})", C::document,
         "illegal_argument_exception"},
    }));
    Node node;
    constexpr auto index = "pwlog-case";
    node.send(HttpMethod::del, std::string("/") + index);
    REQUIRE(node.send(HttpMethod::put, std::string("/") + index, c.index).status == 200);
    const auto id = c.index == series ? "" : "one";
    const auto reply = node.create({{id, index, c.document}});
    node.send(HttpMethod::put, std::string("/") + index + "/_settings",
              R"({"index.blocks.read_only":null,"index.blocks.read_only_allow_delete":null})");
    node.send(HttpMethod::del, std::string("/") + index);
    INFO(c.document.substr(0, 60));
    REQUIRE(reply.problems.size() == 1);
    INFO(reply.problems[0].reason);
    CHECK(reply.problems[0].type == c.type);
    CHECK(reply.problems[0].concerns == c.concerns);
}

TEST_CASE("what the whole node lacks is no document's fault", "[elastic][node]") {
    Node node;
    constexpr auto index = "pwlog-case";
    const auto cluster = [&](const std::string& name, const std::string& value) {
        const auto body = "{\"persistent\":{\"" + name + "\":" + value + "}}";
        REQUIRE(node.send(HttpMethod::put, "/_cluster/settings", body).status == 200);
    };
    node.send(HttpMethod::del, std::string("/") + index);
    const auto refused = [&](const std::string& type) {
        const auto reply = node.create({{"one", index, R"({"b":1})"}});
        REQUIRE(reply.problems.size() == 1);
        CHECK(reply.problems[0].type == type);
        return reply.problems[0].concerns;
    };
    SECTION("room for shards") {
        cluster("cluster.max_shards_per_node", "1");
        REQUIRE(node.send(HttpMethod::put, "/pwlog-case-first?wait_for_active_shards=0").status >
                0);
        CHECK(refused("validation_exception") == C::index);
        cluster("cluster.max_shards_per_node", "null");
        node.send(HttpMethod::del, "/pwlog-case-first");
    }
    SECTION("leave to make an index") {
        cluster("action.auto_create_index", "\"false\"");
        CHECK(refused("index_not_found_exception") == C::index);
        cluster("action.auto_create_index", "null");
    }
    SECTION("the index, which is closed") {
        REQUIRE(node.send(HttpMethod::put, std::string("/") + index).status == 200);
        REQUIRE(node.send(HttpMethod::post, std::string("/") + index + "/_close").status == 200);
        CHECK(refused("index_closed_exception") == C::index);
    }
    node.send(HttpMethod::del, std::string("/") + index);
    CHECK(judge_refusal(429, "es_rejected_execution_exception", "rejected execution of") ==
          C::node);
    CHECK(judge_refusal(503, "unavailable_shards_exception", "primary shard is not active") ==
          C::index);
}

TEST_CASE("a write block is the index's state", "[elastic][node]") {
    Node node;
    REQUIRE(run_setup(node.client, node.url, {}));
    const auto first = outlet(1);
    node.create({{"", metrics_index, first}});
    const std::string settings = std::string("/") + metrics_index + "/_settings";
    REQUIRE(node.send(HttpMethod::put, settings, R"({"index.blocks.write":true})").status == 200);
    const auto second = outlet(2);
    CHECK(node.create({{"", metrics_index, second}}).problems.at(0).concerns == C::index);
    REQUIRE(node.send(HttpMethod::put, settings, R"({"index.blocks.write":false})").status == 200);
    CHECK(node.create({{"", metrics_index, second}}).outcomes == std::vector<O>{O::stored});
}

TEST_CASE("a request that the node cannot read is marked as the node's own refusal",
          "[elastic][node]") {
    Node node;
    const auto reply = node.client.send(node.url, {.method = HttpMethod::post,
                                                   .path = std::string(bulk_path),
                                                   .body = "{\"create\":{}}\n{\"a\"",
                                                   .content_type = "application/x-ndjson"});
    REQUIRE(reply);
    CHECK(reply->status == 400);
    CHECK(classify_response(node.info, *reply) == RequestVerdict::split);
}

TEST_CASE("setup gives an index of an older version the fields that came since",
          "[elastic][node]") {
    Node node;
    REQUIRE(run_setup(node.client, node.url, {}));
    const auto index = std::string("/") + events_index;
    REQUIRE(node.send(HttpMethod::put, index).status == 200);
    REQUIRE(node.send(HttpMethod::put, index + "/_mapping",
                      R"({"_meta":{"managed_by":"pwlog","version":0,"index_mode":"standard"}})")
                .status == 200);
    CHECK(node.check(events_index).state == TemplateCheck::State::outdated);
    const auto lines = run_setup(node.client, node.url, {});
    REQUIRE(lines);
    CHECK(lines->back().object == "index/" + std::string(events_index));
    CHECK(lines->back().outcome == SetupOutcome::updated);
    CHECK(node.check(events_index).state == TemplateCheck::State::present);
}

TEST_CASE("indices are made once, for Kibana and for a key that may not read templates",
          "[elastic][node]") {
    Node node;
    REQUIRE(run_setup(node.client, node.url, {}));
    const std::vector<std::string> names{metrics_index, events_index};
    CHECK(all(create_indices(node.client, node.url, names, true), SetupOutcome::created));
    CHECK(node.send(HttpMethod::get, std::string("/") + events_index).status == 404);
    CHECK(all(create_indices(node.client, node.url, names, false), SetupOutcome::created));
    CHECK(all(create_indices(node.client, node.url, names, true), SetupOutcome::unchanged));
    CHECK(all(create_indices(node.client, node.url, names, false), SetupOutcome::unchanged));
    // Every field that documents of events have is known before there is one of them.
    const auto known =
        node.send(HttpMethod::get, "/powerwalker-*/_field_caps?fields=powerwalker.*");
    for (const char* field : {"powerwalker.event.to_source", "powerwalker.ats.redundant",
                              "powerwalker.outlet.interval_wh", "powerwalker.logger.pending"}) {
        CHECK(known.body.find(std::string(1, '"') + field + '"') != std::string::npos);
    }
    CHECK(node.check(metrics_index).state == TemplateCheck::State::present);
}

TEST_CASE("a sender refuses to send where the template is missing, and ships after setup",
          "[elastic][node]") {
    Node node;
    const SystemClock clock;
    auto sender = BulkSender::open({.servers = {node.url}}, clock);
    REQUIRE(sender);
    const auto first = outlet(1);
    const auto wrong = outlet(2, "\"much\"");
    const std::string event = R"({"@timestamp":"2026-11-22T10:00:00.123Z","message":"hello"})";
    const std::vector<Document> documents{
        {"a", metrics_index, first}, {"b", metrics_index, wrong}, {"c", events_index, event}};

    auto report = sender->send(test::views(documents));
    CHECK(report.next == NextStep::go_on);
    CHECK(report.templates_missing);
    CHECK(report.outcomes == std::vector<Outcome>(3, Outcome::kept));
    CHECK(report.problem.find("`pwlog setup`") != std::string::npos);
    CHECK(node.send(HttpMethod::get, std::string("/") + metrics_index).status == 404);

    REQUIRE(run_setup(node.client, node.url, {}));
    sender->hurry();
    report = sender->send(test::views(documents));  // one of each index first
    CHECK(report.outcomes == std::vector<Outcome>{Outcome::stored, Outcome::kept, Outcome::stored});
    report = sender->send(test::views(documents));
    CHECK(report.outcomes ==
          std::vector<Outcome>{Outcome::duplicate, Outcome::rejected, Outcome::duplicate});
}
