// SPDX-License-Identifier: MIT
#include "backfill/run/resume_state.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>

#include "backfill/run/backfill_job.h"
#include "bulk_server.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace std::chrono_literals;
using pwlog::test::BulkServer;
using pwlog::test::content;
using pwlog::test::TempDir;

namespace {

std::string document_line(int number) {
    return fmt::format(R"({{"@timestamp":"2026-11-22T{:02}:{:02}:{:02}Z","device":{{"id":"a"}},)"
                       R"("event":{{"dataset":"powerwalker.ats"}},"n":{}}})",
                       number / 3600 % 24, number / 60 % 60, number % 60, number) +
           "\n";
}

std::string document_lines(int from, int count) {
    std::string text;
    for (int i = from; i < from + count; ++i) {
        text += document_line(i);
    }
    return text;
}

/// What a run that goes on behind half of `before` makes of the file when it is `now`.
Result<BackfillReport> go_on(const std::string& before, const std::string& now) {
    const TempDir folder;
    const BulkServer server;
    const auto owned = std::make_unique<BackfillJob>();
    BackfillJob& job = *owned;
    job.path = folder.write("input", before).string();
    job.state_file = job.path + ".state";
    job.send.sender.servers = {*ServerUrl::parse(server.url(), false)};
    const auto fingerprint = file_fingerprint(job.path);
    REQUIRE(fingerprint);
    ResumeState state;
    state.source = *fingerprint;
    state.plan = backfill_plan(job);
    state.position = {
        before.size() / 2 / document_line(1000).size() * document_line(1000).size(), 0, {}};
    state.tally = {7, 7, 0, 0, 0};
    REQUIRE(ResumeFile(job.state_file).save(state));
    folder.write("input", now);
    const SystemClock clock;
    return run_backfill(job, {}, clock, {});
}

std::string table_rows(int from, int count) {
    std::string text;
    for (int i = from; i < from + count; ++i) {
        text += fmt::format("2026-11-22T{:02}:{:02}:{:02}Z,{}\n", i / 3600, i / 60 % 60, i % 60, i);
    }
    return text;
}

/// How many documents there are once a run over a table was stopped in its midst, `more` was added
/// to it, and a second run has come to its end.
std::size_t stopped_and_gone_on(const std::string& table, const std::string& more) {
    const TempDir folder;
    BulkServer server;
    std::stop_source stop;
    server.before = [&]() -> std::optional<test::StubReply> {
        if (server.request_count() > 5) {
            stop.request_stop();
        }
        return std::nullopt;
    };
    const auto owned = std::make_unique<BackfillJob>();
    BackfillJob& job = *owned;
    job.path = folder.write("input", "time,w\n" + table).string();
    job.state_file = job.path + ".state";
    job.source.map = *FieldMap::parse("time = @timestamp\nw = pdu.power_w\n", "map");
    job.source.devices.pdu = "a";
    job.pipeline.limits.documents = 20;
    job.pipeline.concurrency = 1;
    job.send.sender.servers = {*ServerUrl::parse(server.url(), false)};
    const SystemClock clock;
    const auto first = run_backfill(job, {}, clock, stop.get_token());
    REQUIRE(first);
    REQUIRE(first->failure);
    REQUIRE(ResumeFile(job.state_file).load()->has_value());
    CHECK(first->tally.read < 300);
    folder.write("input", "time,w\n" + table + more);
    const auto second = run_backfill(job, {}, clock, {});
    REQUIRE(second);
    CHECK_FALSE(second->failure);
    return server.documents().size();
}

}  // namespace

TEST_CASE("no row of a table that grew is passed over, wherever it belongs", "[backfill]") {
    const auto in_order = table_rows(1000, 500);
    const auto sorted = table_rows(1250, 250) + table_rows(1000, 250);
    CHECK(stopped_and_gone_on(in_order, table_rows(1500, 10)) == 510);
    CHECK(stopped_and_gone_on(in_order, table_rows(500, 30)) == 530);
    CHECK(stopped_and_gone_on(in_order, table_rows(500, 1)) == 501);
    CHECK(stopped_and_gone_on(sorted, table_rows(500, 30)) == 530);
    CHECK(stopped_and_gone_on(sorted, table_rows(1500, 10)) == 510);
    CHECK(stopped_and_gone_on(sorted, "") == 500);
}

TEST_CASE("a file that grew is gone on with, one that was changed or shortened is another one",
          "[backfill]") {
    const auto text = document_lines(1000, 2000);
    const auto same = go_on(text, text + document_lines(3000, 10));
    REQUIRE(same);
    CHECK(same->earlier.read == 7);
    CHECK(same->tally.read == 7 + 1000 + 10);
    const auto shorter = go_on(text, text.substr(0, text.size() / 2));
    REQUIRE(shorter);
    CHECK(shorter->earlier.read == 0);
    CHECK(shorter->tally.read == 1000);
    auto changed = text;
    changed.replace(changed.size() - 100, 1, changed[changed.size() - 100] == '1' ? "2" : "1");
    const auto other = go_on(text, changed + document_lines(3000, 1));
    REQUIRE(other);
    CHECK(other->earlier.read == 0);
}

TEST_CASE("a rejects file is cut where a run broke off, and never where somebody mended it",
          "[backfill]") {
    const TempDir folder;
    const auto path = folder.path() / "rejects";
    RejectsMark mark;
    {
        RejectsFile file(path, {{"source", ""}});
        REQUIRE(file.start());
        REQUIRE(file.add({1, "bad", "one"}));
        mark = file.mark();
        REQUIRE(file.add({2, "bad", "two"}));  // behind the last saved state
    }
    const auto go_on = [&] {
        RejectsFile file(path, {{"source", ""}});
        REQUIRE(file.resume(mark));
        REQUIRE(file.add({3, "bad", "three"}));
        return content(path);
    };
    CHECK(go_on() == "# source:1: bad\none\n# source:3: bad\nthree\n");
    folder.write("rejects", "# source:1: bad\n1 is mended\n# source:2: bad\n2 too\n");
    CHECK(go_on() ==
          "# source:1: bad\n1 is mended\n# source:2: bad\n2 too\n# source:3: bad\nthree\n");
    folder.write("rejects", "short\n");
    CHECK(go_on() == "short\n# source:3: bad\nthree\n");
}

TEST_CASE("reasons are escaped once, and keep no line end", "[backfill]") {
    CHECK(describe("b\xc3\xbc.csv", {3, "'\\x1b[31m' is no time\n", {}}) ==
          "b\xc3\xbc.csv:3: '\\x1b[31m' is no time\\n");
}
