// SPDX-License-Identifier: MIT
#include "daemon/mqtt_parts.h"

#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "support/eventually.h"
#include "support/system_clock.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

/// A broker that nobody is, and the file with the password for it.
struct PasswordBench {
    PasswordBench() : file(folder.write("password", "s3cret\n")) {
        spdlog::set_level(spdlog::level::off);
        config.mqtt.emplace();
        config.mqtt->host = "127.0.0.1";
        config.mqtt->port = 1;
        config.mqtt->username = "pwlog";
        config.mqtt->password_file = file;
    }

    TempDir folder;
    std::string file;
    Config config;
};

}  // namespace

TEST_CASE("the broker's password is its file's line without the end", "[mqtt]") {
    const PasswordBench bench;
    const auto broker = broker_options(bench.config);
    REQUIRE(broker);
    CHECK(broker->username == "pwlog");
    CHECK(broker->password.reveal() == "s3cret");
}

TEST_CASE("without the broker's password nothing begins, and the reason names the file", "[mqtt]") {
    const PasswordBench bench;
    const auto [kind, words] = [&] {
        if (GENERATE(true, false)) {
            std::filesystem::remove(bench.file);
            return std::pair(ErrorKind::not_found, "No such file");
        }
        REQUIRE(chmod(bench.file.c_str(), 0644) == 0);
        return std::pair(ErrorKind::denied, "0644");
    }();
    const auto broker = broker_options(bench.config);
    REQUIRE_FALSE(broker);
    CHECK(broker.error().kind == kind);
    CHECK(has(broker.error().message, bench.file));
    CHECK(has(broker.error().message, words));
    CHECK_FALSE(has(broker.error().message, "s3cret"));
}

TEST_CASE("the broker's password is read again for each connection", "[mqtt]") {
    const PasswordBench bench;
    SpoolOptions options;
    options.directory = bench.folder.path() / "spool";
    const auto spool = Spool::open(options, system_clock);
    REQUIRE(spool);
    Agent agent({}, **spool, system_clock);
    const auto parts = make_mqtt(bench.config, agent, system_clock);
    REQUIRE(parts);
    std::filesystem::remove(bench.file);
    REQUIRE((*parts)->start());
    const auto last_error = [&] { return (*parts)->publisher->status().last_error; };
    CHECK(eventually([&] { return has(last_error(), bench.file); }));
    (void)bench.folder.write("password", "another\n");
    CHECK(eventually([&] { return has(last_error(), "127.0.0.1:1"); }));
    (*parts)->stop();
}
