// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <utility>

#include "support/run_program.h"
#include "support/text.h"
#include "terminal/exit_code.h"

using namespace pwlog;
using test::has;
using test::run_program;

TEST_CASE("the help lists the exit codes", "[cli]") {
    const auto output = run_program({PWLOG_BINARY, "--help"});
    CHECK(output.status == 0);
    CHECK(has(output.out, exit_code_help()));
    CHECK(output.err.empty());
}

TEST_CASE("the version names every library", "[cli]") {
    const auto output = run_program({PWLOG_BINARY, "--version"});
    CHECK(output.status == 0);
    CHECK(output.out.starts_with("pwlog "));
    for (const auto* library : {"libcurl", "OpenSSL", "SQLite", "libserialport", "zlib",
                                "RapidJSON", "toml++", "CLI11", "spdlog", "libsystemd"}) {
        CHECK(has(output.out, library));
    }
}

TEST_CASE("a wrong command line ends with 2 and says what to do", "[cli]") {
    const std::vector<std::vector<std::string>> wrong{
        {}, {"frobnicate"}, {"--frobnicate"}, {"--log-level", "loud"}, {"--config"}};
    for (const auto& arguments : wrong) {
        std::vector<std::string> command{PWLOG_BINARY};
        command.insert(command.end(), arguments.begin(), arguments.end());
        const auto output = run_program(command);
        CHECK(output.status == 2);
        CHECK(output.out.empty());
        CHECK(has(output.err, "pwlog: `pwlog --help` lists what there is\n"));
    }
    CHECK(has(run_program({PWLOG_BINARY, "frobnicate\x1b[1m"}).err,
              "pwlog: there is no command \"frobnicate\\x1b[1m\"\n"));
}

TEST_CASE("a slip is answered with the nearest word that is known there", "[cli]") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> slips{
        {{"stauts"}, R"(there is no command "stauts": did you mean "status"?)"},
        {{"outlet", "of", "8"}, R"(there is no command "of": list, on, off, cycle, cancel)"},
        {{"spool", "inf"}, R"(there is no command "inf": info, export, rejects, retry)"},
        {{"outlet", "4", "off"}, "did you mean `pwlog outlet off 4`?"},
        {{"--confg", "x", "status"}, R"(there is no option "--confg": did you mean "--config"?)"},
        {{"outlet", "off", "8", "--dely", "5min"}, R"(did you mean "--delay"?)"},
        {{"doctor", "--frobnicate"}, "there is no option \"--frobnicate\"\n"},
    };
    for (const auto& [words, told] : slips) {
        std::vector<std::string> command{PWLOG_BINARY};
        command.insert(command.end(), words.begin(), words.end());
        const auto output = run_program(command);
        CHECK(output.status == 2);
        CHECK(has(output.err, told));
    }
}

TEST_CASE("no option takes a secret", "[cli]") {
    const auto help = run_program({PWLOG_BINARY, "--help"}).out;
    CHECK_FALSE(has(help, "--password"));
    CHECK_FALSE(has(help, "--api-key "));
    CHECK_FALSE(has(help, "--token"));
}
