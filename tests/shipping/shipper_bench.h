// SPDX-License-Identifier: MIT
#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>

#include "shipping/shipper.h"
#include "spool/spool.h"
#include "support/eventually.h"
#include "support/fake_bulk.h"
#include "support/http_stub.h"
#include "support/temp_dir.h"

namespace pwlog::test {

/// Everything that is logged while it lives, from the debug level on.
class LogCapture {
  public:
    LogCapture()
        : before_(spdlog::default_logger()),
          logger_(std::make_shared<spdlog::logger>(
              "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_))) {
        logger_->set_level(spdlog::level::debug);
        spdlog::set_default_logger(logger_);
    }
    ~LogCapture() { spdlog::set_default_logger(before_); }
    LogCapture(const LogCapture&) = delete;
    LogCapture& operator=(const LogCapture&) = delete;

    /// Only while no other thread logs.
    std::string text() const { return text_.str(); }
    std::size_t lines() const {
        const auto all = text();
        return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
    }

  private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_;
    std::shared_ptr<spdlog::logger> logger_;
};

/// A spool in a scratch folder, a fake server, and what it takes to ship from one to the other
/// quickly.
struct ShipperBench {
    SystemClock clock;
    TempDir folder;
    std::unique_ptr<Spool> spool = open_spool();
    FakeBulk fake;
    HttpStub stub{[this](const StubRequest& request) { return fake(request); }};
    int appended = 0;
    std::chrono::milliseconds longest_gathering{5000};

    std::unique_ptr<Spool> open_spool(std::uint64_t max_bytes = 0) {
        SpoolOptions options;
        options.max_bytes = max_bytes;
        options.directory = folder.path() / "spool";
        auto opened = Spool::open(options, clock);
        REQUIRE(opened);
        return std::move(*opened);
    }

    /// One entry of so many documents {"n":0}, {"n":1} … counted on from the last one.
    void append(int documents) {
        Entry entry;
        entry.stream = "pdu";
        entry.time = Timestamp(std::chrono::milliseconds(1'700'000'000'000 + appended));
        for (int i = 0; i < documents; ++i, ++appended) {
            const auto number = std::to_string(appended);
            entry.documents.push_back(
                {"id-" + number, "powerwalker-metrics-2026.11", "{\"n\":" + number + "}"});
        }
        REQUIRE(spool->append(std::move(entry)));
    }

    /// The fake server comes after those of the options.
    std::unique_ptr<Shipper> shipper(SenderOptions options = {}, bool patient = false) {
        options.servers.push_back(*ServerUrl::parse(stub.url(), false));
        if (!patient) {
            options.holds = {std::chrono::milliseconds(20), std::chrono::milliseconds(40)};
        }
        auto sender = BulkSender::open(options, clock);
        REQUIRE(sender);
        using std::chrono::milliseconds;
        ShipperTimes times{.pause = milliseconds(20),
                           .idle = std::chrono::minutes(5),
                           .gathering = milliseconds(0),
                           .longest_gathering = longest_gathering,
                           .backoff = {milliseconds(1), milliseconds(2), milliseconds(20)}};
        if (patient) {
            times = {};
        }
        return std::make_unique<Shipper>(
            *spool, std::move(*sender), BatchLimits{options.limits.documents, options.limits.bytes},
            clock, times);
    }

    bool delivered() {
        return eventually([this] { return spool->info().pending_documents == 0; });
    }
    /// The numbers of the books agree, and the server has so many documents.
    void check_books(std::size_t on_server) {
        const auto info = spool->info();
        CHECK(info.read == info.stored + info.duplicates + info.rejected + info.pending_documents +
                               info.dropped);
        CHECK(info.read == appended);
        CHECK(info.dropped == 0);
        CHECK(fake.stored().size() == on_server);
    }
};

}  // namespace pwlog::test
