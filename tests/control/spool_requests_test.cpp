// SPDX-License-Identifier: MIT
#include "control/spool_requests.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "control/control_client.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::has;

namespace {

const SystemClock real_clock;

/// A spool with three cycles of two documents, a second apart from `base` on, and one of them
/// refused.
struct Filled {
    Filled() {
        SpoolOptions options;
        options.directory = folder.path() / "spool";
        auto opened = Spool::open(options, real_clock);
        REQUIRE(opened);
        spool = *std::move(opened);
        for (int i = 0; i < 3; ++i) {
            Entry entry;
            entry.stream = "rack1-pdu";
            entry.time = base + std::chrono::seconds(i);
            const std::string index = "powerwalker-metrics-2026.11";
            entry.documents = {{fmt::format("a{}", i), index, fmt::format(R"({{"n":{}}})", i)},
                               {fmt::format("b{}", i), index, fmt::format(R"({{"m":{}}})", i)}};
            REQUIRE(spool->append(entry));
        }
        const auto batch = spool->next_batch({});
        REQUIRE(batch);
        REQUIRE(batch->documents.size() == 6);
        const Settlement refused{.ref = batch->documents[3].ref,
                                 .outcome = Outcome::rejected,
                                 .status = 400,
                                 .type = "document_parsing_exception",
                                 .reason = "no \"number\""};
        REQUIRE(spool->settle(std::array{refused}));
    }

    test::TempDir folder;
    Timestamp base = to_timestamp(real_clock.wall_now()) - 1h;
    std::unique_ptr<Spool> spool;
};

std::vector<std::string> answer(Spool& spool, const ControlRequest& request) {
    std::vector<std::string> pieces;
    const auto done =
        answer_spool_request(spool, request, [&pieces](std::string_view json) -> Result<void> {
            pieces.emplace_back(json);
            return {};
        });
    if (!done) {
        FAIL(done.error().message);
    }
    return pieces;
}

}  // namespace

TEST_CASE("the spool's numbers add up in its answer", "[cli]") {
    const Filled filled;
    const auto pieces = answer(*filled.spool, {"spool info", {}});
    REQUIRE(pieces.size() == 1);
    CHECK(has(pieces[0],
              R"("read":6,"stored":0,"duplicates":0,"rejected":1,"pending":5,"dropped":0)"));
    CHECK(has(pieces[0], R"("rejects_kept":1)"));
}

TEST_CASE("an export has every document of its time, as it was spooled", "[cli]") {
    const Filled filled;
    CHECK(answer(*filled.spool, {"spool export", {}}) ==
          std::vector<std::string>{R"({"n":0})", R"({"m":0})", R"({"n":1})", R"({"m":1})",
                                   R"({"n":2})", R"({"m":2})"});
    ControlRequest second{.name = "spool export", .arguments = {}};
    second.arguments["since"] = (filled.base + 1s).time_since_epoch().count();
    second.arguments["until"] = (filled.base + 1500ms).time_since_epoch().count();
    CHECK(answer(*filled.spool, second) == std::vector<std::string>{R"({"n":1})", R"({"m":1})"});
}

TEST_CASE("a bulk export names index and id of each document", "[cli]") {
    const Filled filled;
    ControlRequest request{.name = "spool export", .arguments = {}};
    request.arguments["bulk"] = true;
    const auto pieces = answer(*filled.spool, request);
    REQUIRE(pieces.size() == 12);
    CHECK(pieces[0] == R"({"create":{"_index":"powerwalker-metrics-2026.11","_id":"a0"}})");
    CHECK(pieces[1] == R"({"n":0})");
}

TEST_CASE("a refused document is told with its reason, and goes back into the queue", "[cli]") {
    const Filled filled;
    const auto rejects = answer(*filled.spool, {"spool rejects", {}});
    REQUIRE(rejects.size() == 1);
    CHECK(has(rejects[0], R"("id":"b1","status":400,"type":"document_parsing_exception",)"
                          R"("reason":"no \"number\"","document":{"m":1}})"));

    ControlRequest other{.name = "spool retry", .arguments = {}};
    other.arguments["status"] = std::int64_t{413};
    CHECK(answer(*filled.spool, other) == std::vector<std::string>{R"({"retried":0})"});
    CHECK(answer(*filled.spool, {"spool retry", {}}) ==
          std::vector<std::string>{R"({"retried":1})"});
    CHECK(answer(*filled.spool, {"spool rejects", {}}).empty());
    CHECK(has(answer(*filled.spool, {"spool info", {}}).at(0), R"("rejected":0,"pending":6)"));
}

TEST_CASE("an answer ends when nobody takes it any more", "[cli]") {
    const Filled filled;
    int taken = 0;
    const auto done = answer_spool_request(*filled.spool, {"spool export", {}},
                                           [&taken](std::string_view) -> Result<void> {
                                               if (++taken == 3) {
                                                   return fail(ErrorKind::gone, "left");
                                               }
                                               return {};
                                           });
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::gone);
    CHECK(taken == 3);
}

TEST_CASE("a daemon answers for its spool", "[cli]") {
    const Filled filled;
    ControlHandlers handlers;
    add_spool_handlers(handlers, *filled.spool);
    ControlServerOptions options;
    options.path = filled.folder.path() / "s";
    const auto server = ControlServer::open(options, handlers);
    REQUIRE(server);
    auto client = ControlClient::connect(options.path);
    REQUIRE(client);
    int pieces = 0;
    CHECK(client->ask({"spool export", {}}, [&pieces](std::string_view) -> Result<void> {
        ++pieces;
        return {};
    }));
    CHECK(pieces == 6);
}
