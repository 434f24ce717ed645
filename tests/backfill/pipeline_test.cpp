// SPDX-License-Identifier: MIT
#include "backfill/run/pipeline.h"

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "backfill/sources/ndjson_source.h"
#include "bulk_server.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace std::chrono_literals;
using pwlog::test::BulkServer;
using pwlog::test::content;
using pwlog::test::StubReply;
using pwlog::test::TempDir;

namespace {

std::string numbered_document(int number, std::string_view device = "a") {
    return fmt::format(
        R"({{"@timestamp":"2026-{:02}-22T{:02}:{:02}:{:02}.{:03}Z","device":{{"id":"{}"}},)"
        R"("event":{{"dataset":"powerwalker.ats"}},"n":{}}})",
        1 + number % 3, number / 3600000 % 24, number / 60000 % 60, number / 1000 % 60,
        number % 1000, device, number);
}

std::string many_documents(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += numbered_document(i) + "\n";
    }
    return text;
}

/// One try to bring a file to a server, as the command makes it.
struct Attempt {
    PipelineOptions options{};
    SendOptions send{};
    std::stop_source stop{};
    Tally tally{};
    std::vector<std::string> troubles{};

    Attempt(const BulkServer& server, const std::filesystem::path& file) : file_(file) {
        send.sender.servers = {*ServerUrl::parse(server.url(), false)};
        send.sender.http.gzip = false;
        send.give_up_after = 20s;
        send.backoff = {1ms, 2ms, 10ms};
        options.limits.documents = 100;
    }

    Result<void> run() {
        const ResumeFile state_file(file_.string() + ".state");
        const auto saved = state_file.load();
        REQUIRE(saved);
        const ResumeState start = saved->value_or(ResumeState{});
        auto input = open_input(file_.string());
        REQUIRE(input);
        auto source =
            open_ndjson(LineReader(std::move(*input)), *saved ? &start.position : nullptr);
        REQUIRE(source);
        std::vector<RejectsFile> rejects;
        rejects.emplace_back(file_.string() + ".rejects",
                             std::vector<RejectsOrigin>{{"input", ""}});
        REQUIRE((*saved ? rejects.front().resume(start.rejects.at(0)) : rejects.front().start()));
        RunLedger ledger(start, state_file, rejects, clock_);
        Pipeline pipeline(options, send, clock_);
        std::mutex mutex;
        pipeline.on_trouble = [&](const std::string& what) {
            const std::lock_guard lock(mutex);
            troubles.push_back(what);
        };
        auto outcome = pipeline.run(**source, ledger, stop.get_token());
        tally = ledger.tally();
        if (outcome) {
            outcome = ledger.forget();
        }
        return outcome;
    }

    std::string rejects() const { return content(file_.string() + ".rejects"); }
    bool has_state() const { return std::filesystem::exists(file_.string() + ".state"); }

  private:
    std::filesystem::path file_;
    SystemClock clock_;
};

}  // namespace

TEST_CASE("every document arrives once, in the index of its own month, and again none",
          "[backfill]") {
    const TempDir folder;
    BulkServer server;
    const auto file = folder.write("input", many_documents(5000));
    Attempt first(server, file);
    first.options.concurrency = 3;
    REQUIRE(first.run());
    CHECK(first.tally == Tally{5000, 5000, 0, 0, 0});
    CHECK(server.documents().size() == 5000);
    CHECK(server.count("powerwalker-metrics-2026.02") == 1667);
    CHECK_FALSE(first.has_state());
    Attempt second(server, file);
    REQUIRE(second.run());
    CHECK(second.tally == Tally{5000, 0, 5000, 0, 0});
    CHECK(server.documents().size() == 5000);
}

TEST_CASE("bad lines and refused documents are kept with their reasons and can be fed back",
          "[backfill]") {
    const TempDir folder;
    BulkServer server;
    server.refuse = [](const std::string& json) { return json.find("\"n\":77}") != json.npos; };
    std::string text = many_documents(150);
    text.insert(text.find('\n') + 1, "{\"half\":\n");
    Attempt attempt(server, folder.write("input", text));
    REQUIRE(attempt.run());
    CHECK(attempt.tally == Tally{151, 149, 0, 2, 0});
    const auto rejects = attempt.rejects();
    CHECK_THAT(rejects,
               Catch::Contains("# input:2: a value was expected, at byte 9\n{\"half\":\n"));
    CHECK_THAT(rejects, Catch::Contains("# input:79: Elasticsearch refused it: 400 "
                                        "document_parsing_exception: "));
    CHECK_THAT(rejects, Catch::Contains("\n" + numbered_document(77) + "\n"));

    server.refuse = nullptr;
    Attempt again(server, folder.write("mended", rejects));
    REQUIRE(again.run());
    CHECK(again.tally == Tally{2, 1, 0, 1, 0});
    CHECK(server.documents().size() == 150);
}

TEST_CASE("filters skip, and the numbers still add up", "[backfill]") {
    const TempDir folder;
    BulkServer server;
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text += numbered_document(i, i % 2 == 0 ? "even" : "odd") + "\n";
    }
    Attempt attempt(server, folder.write("input", text));
    attempt.options.device = "even";
    attempt.options.since = std::chrono::sys_days(std::chrono::February / 1 / 2026);
    attempt.options.until = std::chrono::sys_days(std::chrono::March / 1 / 2026);
    REQUIRE(attempt.run());
    CHECK(attempt.tally == Tally{1000, 166, 0, 0, 834});
    CHECK(server.documents().size() == 166);
}

TEST_CASE("what the server does not take now is sent again until it does", "[backfill]") {
    const TempDir folder;
    BulkServer server;
    std::atomic<int> requests = 0;
    server.item_status = [&](const std::string&) { return requests < 5 ? 429 : 201; };
    server.before = [&]() -> std::optional<StubReply> {
        switch (requests++) {
            case 0:
                return StubReply{.status = 503, .body = "{}"};
            case 1:
                return StubReply{.status = 429, .body = "{}"};
            case 2:
                return StubReply{.body = "{\"errors\":false,\"items\":[]}"};
            case 3:
                return StubReply{.body = "{\"errors\":false,\"items\":[{\"create\":{",
                                 .end = StubReply::End::close};
            default:
                return std::nullopt;
        }
    };
    Attempt attempt(server, folder.write("input", many_documents(1000)));
    attempt.options.concurrency = 1;
    REQUIRE(attempt.run());
    CHECK(attempt.tally == Tally{1000, 1000, 0, 0, 0});
    CHECK(attempt.troubles.size() >= 4);
}

TEST_CASE("a request that is too large is halved, and a lone document too large is refused",
          "[backfill]") {
    const TempDir folder;
    BulkServer server;
    server.largest_body = 2000;
    std::string text = many_documents(100);
    auto big = numbered_document(100);
    big.insert(1, "\"x\":\"" + std::string(5000, 'x') + "\",");
    Attempt attempt(server, folder.write("input", text + big + "\n"));
    REQUIRE(attempt.run());
    CHECK(attempt.tally == Tally{101, 100, 0, 1, 0});
    CHECK_THAT(attempt.rejects(), Catch::Contains("413"));
}

TEST_CASE(
    "a key that is refused ends the run, at once if it never worked, and the next run goes on",
    "[backfill]") {
    const TempDir folder;
    BulkServer server;
    const std::size_t good_requests = GENERATE(0, 4);
    const auto refuse = [&]() -> std::optional<StubReply> {
        return server.request_count() < good_requests
                   ? std::nullopt
                   : std::optional(StubReply{.status = 401, .body = "{}"});
    };
    server.before = refuse;
    const auto file = folder.write("input", many_documents(1000));
    Attempt first(server, file);
    first.options.concurrency = 1;
    first.send.give_up_after = good_requests == 0 ? 1h : 50ms;
    const auto outcome = first.run();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind ==
          (good_requests == 0 ? ErrorKind::refused : ErrorKind::unavailable));
    CHECK_THAT(outcome.error().message, Catch::Contains("401"));
    CHECK(server.documents().size() == good_requests * 100);
    CHECK(first.has_state());
    server.before = nullptr;
    Attempt second(server, file);
    REQUIRE(second.run());
    CHECK(second.tally == Tally{1000, 1000, 0, 0, 0});
    CHECK(server.documents().size() == 1000);
}

TEST_CASE("with --strict the first bad line ends the run", "[backfill]") {
    const TempDir folder;
    BulkServer server;
    Attempt attempt(server,
                    folder.write("input", many_documents(10) + "rubbish\n" + many_documents(10)));
    attempt.options.strict = true;
    const auto outcome = attempt.run();
    REQUIRE_FALSE(outcome);
    CHECK_THAT(outcome.error().message, Catch::Contains("line 11: "));
}

TEST_CASE("a thousand documents refused and none stored is a fault of the setup", "[backfill]") {
    const TempDir folder;
    BulkServer server;
    server.refuse = [](const std::string&) { return true; };
    Attempt attempt(server, folder.write("input", many_documents(5000)));
    const auto outcome = attempt.run();
    REQUIRE_FALSE(outcome);
    CHECK_THAT(outcome.error().message, Catch::Contains("not one of the first"));
    CHECK_THAT(outcome.error().message, Catch::Contains("--keep-going"));
}

TEST_CASE("with --keep-going a bad beginning is passed", "[backfill]") {
    const TempDir folder;
    BulkServer server;
    std::string text;
    for (int i = 0; i < 3000; ++i) {
        text += "rubbish\n";
    }
    Attempt attempt(server, folder.write("input", text + many_documents(100)));
    attempt.options.keep_going = true;
    REQUIRE(attempt.run());
    CHECK(attempt.tally.stored == 100);
    CHECK(attempt.tally.rejected == 3000);
}

TEST_CASE("stopped at random moments and resumed, the end is the same", "[backfill]") {
    const TempDir folder;
    BulkServer server;
    const auto file = folder.write("input", many_documents(20000));
    std::mt19937 random(7);
    int stops = 0;
    for (;;) {
        Attempt attempt(server, file);
        const auto wanted = server.request_count() + 1 + random() % 40;
        std::jthread stopper([&](const std::stop_token& done) {
            while (!done.stop_requested() && server.request_count() < wanted) {
                std::this_thread::yield();
            }
            if (stops < 8) {
                attempt.stop.request_stop();
            }
        });
        const auto outcome = attempt.run();
        if (outcome) {
            CHECK(attempt.tally.read == 20000);
            CHECK(attempt.tally.decided() == 20000);
            CHECK(attempt.tally.rejected == 0);
            break;
        }
        REQUIRE(outcome.error().kind == ErrorKind::stopped);
        ++stops;
    }
    CHECK(stops > 2);
    CHECK(server.documents().size() == 20000);
}

TEST_CASE("a rate limit is kept", "[backfill]") {
    const TempDir folder;
    BulkServer server;
    Attempt attempt(server, folder.write("input", many_documents(300)));
    attempt.options.rate = 200;
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(attempt.run());
    // The first request goes out at once, so 300 documents in threes of 100 take a second.
    CHECK(std::chrono::steady_clock::now() - begin >= 900ms);
    CHECK(attempt.tally.stored == 300);
}
