// SPDX-License-Identifier: MIT
#include "terminal/text_table.h"

#include <catch2/catch.hpp>

using namespace pwlog;

TEST_CASE("columns are as wide as their widest cell", "[cli]") {
    TextTable table;
    table.column("Device").column("W", TextTable::Align::right).column("State");
    table.row({"Küche", "12", "on"});
    table.row({"rack1-pdu", "1,234"});
    CHECK(table.text() ==
          "Device         W  State\n"
          "Küche         12  on\n"
          "rack1-pdu  1,234\n");
}

TEST_CASE("a table without rows is nothing", "[cli]") {
    TextTable table;
    table.column("Device");
    CHECK(table.text().empty());
}

TEST_CASE("a cell cannot break the table or the terminal", "[cli]") {
    TextTable table;
    table.column("A").column("B");
    table.row({"x\n\x1b[1m", "y"});
    CHECK(table.text() ==
          "A             B\n"
          "x\\x0a\\x1b[1m  y\n");
}

TEST_CASE("thousands are grouped", "[cli]") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1'000) == "1,000");
    CHECK(grouped(-1'234'567) == "-1,234,567");
    CHECK(grouped(-123) == "-123");
}

TEST_CASE("columns stand one below the other behind double-width names", "[cli]") {
    TextTable table;
    table.column("Name").column("State");
    table.row({"電源", "On"});
    table.row({"router", "Off"});
    CHECK(table.text() == "Name    State\n電源    On\nrouter  Off\n");
}
