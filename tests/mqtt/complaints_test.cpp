// SPDX-License-Identifier: MIT
#include "mqtt/complaints.h"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "broker.h"
#include "mqtt/publisher.h"
#include "support/eventually.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

/// What is logged while it lives.
class LogBook {
  public:
    LogBook() : before_(spdlog::default_logger()) {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(lines_);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::move(sink)));
        spdlog::set_level(spdlog::level::info);
    }
    ~LogBook() { spdlog::set_default_logger(before_); }
    LogBook(const LogBook&) = delete;
    LogBook& operator=(const LogBook&) = delete;

    /// Once nobody logs any more.
    int lines_with(std::string_view words) const {
        const auto text = lines_.str();
        int count = 0;
        for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1)) {
            ++count;
        }
        return count;
    }
    std::string text() const { return lines_.str(); }

  private:
    std::shared_ptr<spdlog::logger> before_;
    std::ostringstream lines_;
};

}  // namespace

TEST_CASE("a topic is worth one line, over all connections, and is shown until it is taken",
          "[mqtt]") {
    Complaints complaints;
    CHECK(complaints.add("a", "too large"));
    CHECK_FALSE(complaints.add("a", "still too large"));
    CHECK(has(complaints.text(), "a: still too large"));
    complaints.forget();
    CHECK(complaints.text().empty());
    CHECK_FALSE(complaints.add("a", "too large"));
    CHECK(complaints.is_open("a"));
    complaints.settle("a");
    CHECK(complaints.text().empty());
    CHECK(complaints.add("b", "too large"));
}

TEST_CASE("an access list that forbids everything is a handful of lines", "[mqtt]") {
    Complaints complaints;
    int lines = 0;
    for (int i = 0; i < 100; ++i) {
        lines += complaints.add(std::to_string(i), "Not authorized") ? 1 : 0;
    }
    CHECK(lines == 5);
    CHECK(has(complaints.text(), "(and 99 more topics)"));
}

TEST_CASE("what a broker does not take is logged once, however often it comes back", "[mqtt]") {
    const LogBook log;
    {
        Broker broker("max_packet_size 4096\n");
        Outbox outbox(true);
        Publisher::Options options;
        options.broker = broker.options("pwlog");
        options.times.backoff = {.shortest = 1ms, .first = 5ms, .ceiling = 20ms};
        Publisher publisher(std::move(options), outbox, system_clock);
        outbox.keep({"large", std::string(20'000, 'x')});
        REQUIRE(publisher.start());
        for (std::uint64_t connections = 1; connections <= 3; ++connections) {
            REQUIRE(eventually([&] { return publisher.status().refused >= connections; }));
            CHECK(has(publisher.status().last_error, "large"));
            broker.kill();
            broker.start();
        }
    }
    INFO(log.text());
    CHECK(log.lines_with("does not take large") == 1);
}
