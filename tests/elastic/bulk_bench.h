// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "elastic/bulk_sender.h"
#include "support/fake_bulk.h"
#include "support/views.h"

namespace pwlog::test {

using F = Outcome;

inline const std::string metrics = "powerwalker-metrics-2026.11";
inline const std::string october = "powerwalker-metrics-2026.10";

/// So many servers, alike, and senders to them.
struct BulkBench {
    FakeBulk fake;
    std::vector<std::unique_ptr<HttpStub>> stubs;
    SystemClock clock;

    explicit BulkBench(std::size_t hosts = 1) {
        for (std::size_t i = 0; i < hosts; ++i) {
            stubs.push_back(std::make_unique<HttpStub>(
                [this](const StubRequest& request) { return fake(request); }));
        }
    }
    BulkSender sender(SenderOptions options = {}) {
        for (const auto& stub : stubs) {
            options.servers.push_back(*ServerUrl::parse(stub->url(), false));
        }
        auto opened = BulkSender::open(options, clock);
        REQUIRE(opened);
        return std::move(*opened);
    }
};

inline std::size_t count(const SendReport& report, Outcome outcome) {
    return static_cast<std::size_t>(
        std::count(report.outcomes.begin(), report.outcomes.end(), outcome));
}

/// Documents "{"n":0}", "{"n":1}" … for one index.
struct Documents {
    std::vector<Document> all;

    explicit Documents(std::size_t count, std::size_t padding = 0) {
        for (std::size_t i = 0; i < count; ++i) {
            const auto number = std::to_string(i);
            all.push_back({"id-" + number, metrics,
                           "{\"n\":" + number + ",\"p\":\"" + std::string(padding, 'x') + "\"}"});
        }
    }
};

inline bool holds(const BulkLine& line, const std::string& text) {
    return line.document.find(text) != std::string::npos;
}

}  // namespace pwlog::test
