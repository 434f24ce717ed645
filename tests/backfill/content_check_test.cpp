// SPDX-License-Identifier: MIT
#include "backfill/run/content_check.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "support/http_stub.h"

using namespace pwlog;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;

namespace {

std::string document(std::string_view values) {
    return fmt::format(R"({{"@timestamp":"2026-11-22T17:00:00Z","device":{{"id":"a"}},)"
                       R"("event":{{"dataset":"powerwalker.ats"}},"powerwalker":{{"ats":{}}}}})",
                       values);
}

ContentCheck::Findings compare(std::string_view ours, std::string_view theirs) {
    HttpStub stub([&](const StubRequest&) {
        return StubReply{.body = theirs.empty() ? std::string("{}")
                                                : R"({"hits":{"hits":[{"_source":)" +
                                                      document(theirs) + "}]}}"};
    });
    ContentCheck check;
    check.note("powerwalker-metrics-2026.11", document(ours));
    return check.compare({*ServerUrl::parse(stub.url(), false)}, {}, {});
}

}  // namespace

TEST_CASE("of documents that were there already it is told how many say something else",
          "[backfill]") {
    CHECK(compare(R"({"source1_v":229.7})", R"({"source1_v":229.70001,"load_pct":1})").differ == 0);
    const auto other =
        compare(R"({"source1_v":229.7,"output_a":1})", R"({"source1_v":229.7,"output_a":2})");
    CHECK(other.looked_at == 1);
    CHECK(other.differ == 1);
    CHECK(other.example == "2026-11-22T17:00:00.000Z of a: ats.output_a");
    CHECK(compare(R"({"source1_v":229.7,"output_a":1})", R"({"source1_v":229.7})").differ == 1);
    CHECK(compare(R"({"source1_v":229.7})", "").looked_at == 0);
}
