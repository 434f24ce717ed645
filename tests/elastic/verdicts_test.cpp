// SPDX-License-Identifier: MIT
#include "elastic/verdicts.h"

#include <catch2/catch.hpp>
#include <string>

using namespace pwlog;
using I = Concerns;
using R = RequestVerdict;

namespace {

const ServerInfo es{.version = "8.19.21", .major = 8, .minor = 19};
const ServerInfo old_es{.version = "7.13.4", .major = 7, .minor = 13};
const ServerInfo opensearch{
    .product = ServerInfo::Product::opensearch, .version = "2.19.1", .major = 2, .minor = 19};

HttpReply reply_with(long status) {
    return {
        .status = status, .content_type = "application/json", .elastic_product = "Elasticsearch"};
}

}  // namespace

TEST_CASE("a refusal is judged by its status and its type", "[elastic]") {
    const auto [status, type, concerns] = GENERATE(table<unsigned, std::string, I>({
        {429, "es_rejected_execution_exception", I::node},
        {429, "circuit_breaking_exception", I::node},
        {429, "cluster_block_exception", I::index},
        {408, "", I::node},
        {500, "", I::index},
        {503, "unavailable_shards_exception", I::index},
        {507, "", I::index},
        {599, "", I::index},
        {403, "cluster_block_exception", I::index},
        {403, "security_exception", I::index},
        {403, "", I::index},
        {401, "security_exception", I::index},
        {404, "index_not_found_exception", I::index},
        {404, "", I::index},
        {404, "document_missing_exception", I::index},
        {400, "index_closed_exception", I::index},
        {400, "validation_exception", I::index},
        {400, "document_parsing_exception", I::document},
        {400, "mapper_parsing_exception", I::document},
        {400, "strict_dynamic_mapping_exception", I::document},
        {400, "timestamp_error", I::document},
        {413, "", I::document},
        {400, "illegal_argument_exception", I::unknown},
        {400, "some_exception_of_next_year", I::unknown},
        {400, "", I::unknown},
        {405, "", I::unknown},
        {422, "", I::unknown},
        {499, "", I::unknown},
        {0, "", I::unknown},
        {100, "", I::unknown},
        {202, "", I::unknown},
        {204, "", I::unknown},
        {302, "", I::unknown},
        {600, "", I::unknown},
        {4294967295u, "", I::unknown},
    }));
    CAPTURE(status, type);
    CHECK(judge_refusal(status, type, "because") == concerns);
}

TEST_CASE("an illegal argument is judged by how its reason begins", "[elastic]") {
    const auto [reason, concerns] = GENERATE(table<std::string, I>({
        {"pipeline with id [powerwalker] does not exist", I::index},
        {"Limit of total fields [1000] has been exceeded while adding new fields [3]", I::document},
        {"mapper [a] cannot be changed from type [long] to [text]", I::document},
        {"because", I::unknown},
        {"", I::unknown},
    }));
    CAPTURE(reason);
    CHECK(judge_refusal(400, "illegal_argument_exception", reason) == concerns);
}

TEST_CASE("a request is judged by its status", "[elastic]") {
    const auto [status, verdict] = GENERATE(table<long, R>({
        {200, R::ok},      {400, R::split},   {413, R::split},   {401, R::pause},
        {403, R::pause},   {404, R::pause},   {405, R::pause},   {406, R::pause},
        {415, R::pause},   {301, R::pause},   {302, R::pause},   {307, R::pause},
        {308, R::pause},   {410, R::pause},   {417, R::pause},   {408, R::retry},
        {429, R::retry},   {500, R::retry},   {502, R::retry},   {503, R::retry},
        {504, R::retry},   {599, R::retry},   {201, R::foreign}, {202, R::foreign},
        {204, R::foreign}, {206, R::foreign}, {100, R::foreign}, {0, R::foreign},
        {600, R::foreign}, {999, R::foreign},
    }));
    CAPTURE(status);
    CHECK(classify_response(es, reply_with(status)) == verdict);
}

TEST_CASE("200 and 400 count only with the mark of Elasticsearch, and as JSON", "[elastic]") {
    const long status = GENERATE(200, 400);
    auto reply = reply_with(status);
    CHECK(classify_response(es, reply) != R::foreign);
    reply.elastic_product = GENERATE("", "Elasticsearch2", "elasticsearch", "OpenSearch");
    CHECK(classify_response(es, reply) == R::foreign);
    CHECK(classify_response(old_es, reply) != R::foreign);
    CHECK(classify_response(opensearch, reply) != R::foreign);
    reply = reply_with(status);
    reply.content_type = GENERATE("text/html", "", "application/jsonx;x", "text/json");
    CHECK((classify_response(es, reply) == R::foreign ||
           reply.content_type.starts_with("application/json")));
    reply.content_type = "application/vnd.elasticsearch+json;compatible-with=8";
    CHECK(classify_response(es, reply) != R::foreign);
}

TEST_CASE("a proxy's refusals need no mark", "[elastic]") {
    const auto [status, verdict] = GENERATE(
        table<long, R>({{413, R::split}, {401, R::pause}, {429, R::retry}, {502, R::retry}}));
    CHECK(classify_response(es, {.status = status, .content_type = "text/html"}) == verdict);
}
