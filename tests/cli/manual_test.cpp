// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "support/paths.h"
#include "support/run_program.h"
#include "support/temp_dir.h"
#include "support/text.h"
#include "terminal/exit_code.h"

using namespace pwlog;
using test::has;
using test::run_program;

namespace {

/// What bash offers after `words`, the last of which is being typed.
std::string completions(const std::string& words) {
    const test::TempDir folder;
    const auto script =
        folder.write("pwlog.bash", run_program({PWLOG_BINARY, "--print-completion"}).out);
    const auto output = run_program(
        {"/bin/bash", "--norc", "-c",
         "source " + script.string() + "; COMP_WORDS=(" + words +
             "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _pwlog; echo \" ${COMPREPLY[*]} \""});
    INFO(output.err);
    CHECK(output.status == 0);
    CHECK(output.err.empty());
    return output.out;
}

}  // namespace

TEST_CASE("the manual has every command, option and exit status", "[cli]") {
    const auto page = run_program({PWLOG_BINARY, "--print-manual"});
    REQUIRE(page.status == 0);
    for (const auto* part :
         {".TH PWLOG 1", ".SS pwlog run\n", ".SS pwlog once\n", ".SS pwlog spool export\n",
          ".B \\-\\-since TIME\n", ".B \\-c, \\-\\-config FILE\n", ".SH EXIT STATUS\n",
          "pwlog spool export \\-\\-since 2026\\-11\\-01"}) {
        INFO(part);
        CHECK(has(page.out, part));
    }
    for (const ExitCodeText& line : exit_code_texts) {
        CHECK(has(page.out, "\n.B " + std::to_string(line.status) + "\n"));
    }
}

TEST_CASE("the manual is what man reads without complaint", "[cli]") {
    if (run_program({"/bin/sh", "-c", "command -v groff"}).status != 0) {
        WARN("skipped: groff is not installed here");
        return;
    }
    const auto output = run_program(
        {"/bin/sh", "-c",
         std::string(PWLOG_BINARY) + " --print-manual | groff -man -Kutf8 -Tutf8 -ww -z"});
    CHECK(output.status == 0);
    CHECK(output.err.empty());
}

TEST_CASE("bash completes commands, options and files", "[cli]") {
    CHECK(has(completions("pwlog ''"), " spool "));
    CHECK(completions("pwlog st") == " status \n");
    CHECK(completions("pwlog spool ex") == " export \n");
    CHECK(completions("pwlog spool export --si") == " --since \n");
    CHECK(completions("pwlog --config /etc/x.toml spool re") == " rejects retry \n");
    CHECK(completions("pwlog run --log-level d") == " debug \n");
    CHECK(has(completions("pwlog run --config /etc/passw"), " /etc/passwd "));
    CHECK(completions("pwlog spool export --since ''") == "  \n");
    CHECK(completions("pwlog backfill --from in") == " influx index \n");
    CHECK(completions("pwlog backfill --from = in") == " influx index \n");  // as bash splits it
    CHECK(has(completions("pwlog backfill --from ="), " influx index "));
    CHECK(completions("pwlog he") == " help \n");
    CHECK(completions("pwlog help out") == " outlet \n");
    CHECK(completions("pwlog memory show a") == " ats \n");
    CHECK(has(completions("pwlog pdu power_v"), " power_va "));
    CHECK(!has(completions("pwlog ats power_v"), "power_va"));
    CHECK(completions("pwlog outlet off al") == " all \n");
    const test::TempDir folder;
    const auto config =
        folder.write("x.toml", "[[pdu]]\nid = \"rack1-pdu\"\n[[ats]]\nid=\"hall\"\n");
    CHECK(completions("pwlog --config " + config.string() + " outlet list --device ''") ==
          " rack1-pdu hall \n");
    CHECK(completions("pwlog --config = " + config.string() + " backfill --ats = h") == " hall \n");
    CHECK(completions("pwlog outlet list --port /dev/nul") == "  \n");
}

TEST_CASE("docs/commands.md has every exit status", "[cli]") {
    std::ifstream stream(test::source_dir() / "docs/commands.md");
    std::string page{std::istreambuf_iterator<char>(stream), {}};
    page.erase(std::remove(page.begin(), page.end(), '`'), page.end());
    for (const ExitCodeText& line : exit_code_texts) {
        if (line.status < once_several_base) {
            INFO(line.meaning);
            CHECK(has(page, "| " + std::to_string(line.status) + " | " + std::string(line.meaning) +
                                " |"));
        }
    }
    CHECK(has(page, "16 + 1 (devices) + 2 (spool) + 4 (shipping)"));
}
