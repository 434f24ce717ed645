// SPDX-License-Identifier: MIT
#include "control/control_client.h"

#include <catch2/catch.hpp>
#include <cstdlib>

#include "control/control_server.h"
#include "support/temp_dir.h"

using namespace pwlog;

namespace {

const ControlHandlers handlers{{"three",
                                [](const ControlRequest&, ControlReply& reply) -> Result<void> {
                                    for (const auto* piece : {"1", "2", "3"}) {
                                        if (auto sent = reply.send(piece); !sent) {
                                            return sent;
                                        }
                                    }
                                    return {};
                                }},
                               {"refuse", [](const ControlRequest&, ControlReply&) -> Result<void> {
                                    return fail(ErrorKind::denied, "outlet 3 is not switchable");
                                }}};

}  // namespace

TEST_CASE("asking where no daemon runs is told so", "[cli]") {
    const test::TempDir folder;
    const auto client = ControlClient::connect(folder.path() / "s");
    REQUIRE_FALSE(client);
    CHECK(client.error().kind == ErrorKind::not_found);
    CHECK(client.error().message.find("systemctl start pwlog") != std::string::npos);
}

TEST_CASE("the pieces of an answer arrive in order, errors with their kind", "[cli]") {
    const test::TempDir folder;
    ControlServerOptions options;
    options.path = folder.path() / "s";
    const auto server = ControlServer::open(options, handlers);
    REQUIRE(server);
    auto client = ControlClient::connect(options.path);
    REQUIRE(client);
    std::string pieces;
    const auto collect = [&pieces](std::string_view json) -> Result<void> {
        pieces += json;
        return {};
    };
    CHECK(client->ask({"three", {}}, collect));
    CHECK(pieces == "123");
    const auto refused = client->ask({"refuse", {}}, collect);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::denied);
    CHECK(refused.error().message == "outlet 3 is not switchable");
    const auto enough = client->ask({"three", {}}, [](std::string_view) -> Result<void> {
        return fail(ErrorKind::io, "disk full");
    });
    REQUIRE_FALSE(enough);
    CHECK(enough.error().message == "disk full");
}

TEST_CASE("the socket is where the configuration or systemd says", "[cli]") {
    unsetenv("RUNTIME_DIRECTORY");
    CHECK(control_socket_path({}) == "/run/pwlog/pwlog.sock");
    setenv("RUNTIME_DIRECTORY", "/run/other", 1);
    CHECK(control_socket_path({}) == "/run/other/pwlog.sock");
    CHECK(control_socket_path("/tmp/x.sock") == "/tmp/x.sock");
    unsetenv("RUNTIME_DIRECTORY");
}
