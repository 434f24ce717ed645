// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "control/control_server.h"
#include "control/spool_requests.h"
#include "support/run_program.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using test::has;
using test::run_program;

namespace {

const SystemClock real_clock;

/// A configuration with spool and socket in a folder of its own.
struct Place {
    Place()
        : config(folder
                     .write("pwlog.toml",
                            fmt::format("control_socket = \"{0}/s\"\n"
                                        "[elasticsearch]\nhosts = [\"https://localhost:9200\"]\n"
                                        "[spool]\npath = \"{0}/spool\"\n"
                                        "[[pdu]]\nid = \"a\"\nport = \"/dev/a\"\n",
                                        folder.path().string()))
                     .string()) {}

    test::ProgramOutput run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {PWLOG_BINARY, "--config", config});
        return run_program(arguments);
    }
    std::unique_ptr<Spool> open_spool() const {
        SpoolOptions options;
        options.directory = folder.path() / "spool";
        auto spool = Spool::open(options, real_clock);
        REQUIRE(spool);
        return *std::move(spool);
    }
    std::unique_ptr<ControlServer> serve(const ControlHandlers& handlers) const {
        ControlServerOptions options;
        options.path = folder.path() / "s";
        auto server = ControlServer::open(options, handlers);
        REQUIRE(server);
        return *std::move(server);
    }

    test::TempDir folder;
    std::string config;
};

void add_cycle(Spool& spool) {
    Entry entry;
    entry.stream = "a";
    entry.time = to_timestamp(real_clock.wall_now());
    entry.documents = {{"id1", "powerwalker-metrics-2026.11", R"({"n":1})"}};
    REQUIRE(spool.append(entry));
}

}  // namespace

TEST_CASE("asking for a spool that is not there does not make one", "[cli]") {
    const Place place;
    const auto output = place.run({"spool", "info"});
    CHECK(output.status == 4);
    CHECK(has(output.err, "there is no spool yet"));
    CHECK_FALSE(std::filesystem::exists(place.folder.path() / "spool"));
}

TEST_CASE("without a daemon the spool is opened for the question", "[cli]") {
    const Place place;
    add_cycle(*place.open_spool());
    const auto info = place.run({"spool", "info"});
    CHECK(info.status == 0);
    CHECK(has(info.out, R"("read":1,)"));
    const auto exported = place.run({"spool", "export", "--since", "1h"});
    CHECK(exported.status == 0);
    CHECK(exported.out == "{\"n\":1}\n");
    CHECK(place.run({"spool", "export", "--until", "1h"}).out.empty());
    CHECK(place.run({"spool", "rejects"}).status == 0);
    CHECK(place.run({"spool", "retry"}).out == "{\"retried\":0}\n");
}

TEST_CASE("with a daemon its socket is asked, as it has the spool", "[cli]") {
    const Place place;
    const auto spool = place.open_spool();
    add_cycle(*spool);
    ControlHandlers handlers;
    add_spool_handlers(handlers, *spool);
    const auto server = place.serve(handlers);
    const auto exported = place.run({"spool", "export"});
    CHECK(exported.status == 0);
    CHECK(exported.out == "{\"n\":1}\n");
}

TEST_CASE("a spool that somebody else has, without a socket, is busy", "[cli]") {
    const Place place;
    const auto spool = place.open_spool();
    const auto output = place.run({"spool", "info"});
    CHECK(output.status == 5);
    CHECK_FALSE(output.err.empty());
}

TEST_CASE("a time that is none ends with 2 and an example", "[cli]") {
    const Place place;
    const auto output = place.run({"spool", "export", "--since", "yesterday"});
    CHECK(output.status == 2);
    CHECK(has(output.err, "--since yesterday: expected a time such as 2026-11-22"));
}

TEST_CASE("a full disk under an export is told", "[cli]") {
    const Place place;
    add_cycle(*place.open_spool());
    const auto output = run_program(
        {"/bin/sh", "-c",
         fmt::format("exec {} --config {} spool export >/dev/full", PWLOG_BINARY, place.config)});
    CHECK(output.status == 1);
    CHECK(has(output.err, "standard output accepts no more"));
}

TEST_CASE("status prints what the daemon answers, and says so where none runs", "[cli]") {
    const Place place;
    const auto silent = place.run({"status"});
    CHECK(silent.status == 1);
    CHECK(has(silent.err, "no daemon listens at"));
    const auto server = place.serve({{"status", [](const ControlRequest&, ControlReply& reply) {
                                          return reply.send(R"({"version":"x"})");
                                      }}});
    const auto asked = place.run({"status", "--json"});
    CHECK(asked.status == 0);
    CHECK(asked.out == "{\"version\":\"x\"}\n");
}

TEST_CASE("a faulty configuration ends every command with 2 and its lines", "[cli]") {
    const test::TempDir folder;
    const auto config = folder.write("bad.toml", "intervall = 1\n").string();
    const std::vector<std::vector<std::string>> commands{
        {"status"}, {"spool", "info"}, {"run"}, {"once"}, {"setup"}};
    for (const auto& arguments : commands) {
        // A daemon of this machine may answer where daemons usually do.
        std::vector<std::string> command{"/usr/bin/env",
                                         "RUNTIME_DIRECTORY=" + folder.path().string(),
                                         PWLOG_BINARY, "--config", config};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto output = run_program(command);
        INFO(arguments[0]);
        CHECK(output.status == 2);
        CHECK(has(output.err, "bad.toml:1: unknown key \"intervall\": did you mean \"interval\"?"));
    }
}
