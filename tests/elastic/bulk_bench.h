// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "elastic/bulk_sender.h"
#include "support/fake_bulk.h"

namespace pwlog::test {

inline const std::string metrics = "powerwalker-metrics-2026.11";

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

}  // namespace pwlog::test
