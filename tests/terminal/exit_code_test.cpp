// SPDX-License-Identifier: MIT
#include "terminal/exit_code.h"

#include <catch2/catch.hpp>
#include <set>

using namespace pwlog;

TEST_CASE("once ends with the code of the part that failed", "[cli]") {
    CHECK(once_exit_status({}) == 0);
    CHECK(once_exit_status({.devices = ExitCode::device}) == 3);
    CHECK(once_exit_status({.spool = ExitCode::spool}) == 4);
    CHECK(once_exit_status({.shipping = ExitCode::server}) == 6);
    CHECK(once_exit_status({.shipping = ExitCode::templates}) == 7);
}

TEST_CASE("once tells which parts failed when several did", "[cli]") {
    const auto devices = ExitCode::device;
    const auto spool = ExitCode::spool;
    const auto server = ExitCode::server;
    CHECK(once_exit_status({.devices = devices, .spool = spool}) == 19);
    CHECK(once_exit_status({.devices = devices, .shipping = server}) == 21);
    CHECK(once_exit_status({.spool = spool, .shipping = server}) == 22);
    CHECK(once_exit_status({devices, spool, server}) == 23);
}

TEST_CASE("every exit status is in the help once", "[cli]") {
    std::set<int> statuses;
    for (const ExitCodeText& line : exit_code_texts) {
        CHECK(statuses.insert(line.status).second);
        CHECK(exit_code_help().find(line.meaning) != std::string::npos);
    }
    for (int code = 0; code <= static_cast<int>(ExitCode::incomplete); ++code) {
        CHECK(statuses.contains(code));
    }
    for (const int several : {19, 21, 22, 23}) {
        CHECK(statuses.contains(several));
    }
}
