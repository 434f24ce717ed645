// SPDX-License-Identifier: MIT
#include "elastic/server_check.h"

#include <catch2/catch.hpp>
#include <string>

using namespace pwlog;
using State = ServerCheck::State;
using Product = ServerInfo::Product;

namespace {

ServerInfo elastic(int major, int minor, bool serverless = false) {
    return {.version = std::to_string(major) + "." + std::to_string(minor) + ".0",
            .major = major,
            .minor = minor,
            .serverless = serverless};
}

}  // namespace

TEST_CASE("a server is judged by product, version and mode of the indices", "[elastic]") {
    const ServerInfo opensearch{.product = Product::opensearch, .version = "2.19.1", .major = 2};
    const auto [info, series, standard] = GENERATE_REF(table<ServerInfo, State, State>({
        {elastic(9, 5), State::fits, State::fits},
        {elastic(8, 12), State::fits, State::fits},
        {elastic(8, 11), State::old, State::old},
        {elastic(8, 7), State::old, State::old},
        {elastic(8, 6), State::unfit, State::old},
        {elastic(7, 9), State::unfit, State::old},
        {elastic(7, 8), State::unfit, State::unfit},
        {elastic(8, 11, true), State::fits, State::fits},
        {ServerInfo{}, State::fits, State::fits},  // its version was not told
        {opensearch, State::unfit, State::fits},
    }));
    CAPTURE(info.name());
    CHECK(check_server(info, IndexMode::time_series).state == series);
    CHECK(check_server(info, IndexMode::standard).state == standard);
}

TEST_CASE("what is not as it should be is said with its next step", "[elastic]") {
    const auto check =
        check_server({.product = Product::opensearch, .version = "2.19.1"}, IndexMode::time_series);
    CHECK(check.text() ==
          "OpenSearch 2.19.1 has no time-series indices: set index_mode = \"standard\" in "
          "[elasticsearch], then run `pwlog setup`");
    CHECK(check_server(elastic(8, 9), IndexMode::standard).text() ==
          "Elasticsearch 8.9.0 is older than 8.12, which pwlog is made for: update Elasticsearch");
}
