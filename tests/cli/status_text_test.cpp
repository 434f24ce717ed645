// SPDX-License-Identifier: MIT
#include "cli/status_text.h"

#include <catch2/catch.hpp>

#include "base/timestamp_text.h"
#include "cli/memory_text.h"
#include "control/daemon_status.h"
#include "control/device_replies.h"
#include "support/hostile_json.h"
#include "terminal/terminal_text.h"

using namespace pwlog;

namespace {

const Timestamp asked_at = parse_rfc3339("2026-11-22T17:05:00Z").value();

constexpr auto status = R"({"version":"0.1.0","pid":42,"devices":[
  {"id":"rack1-pdu","model":"PDU","reachable":true,"last_sample":"2026-11-22T17:04:58.000Z",
   "last_error":"","cycles":12345,"failed":1,"late":0,"timeouts":2,"garbled":3,"documents":[]},
  {"id":"rack1-ats","reachable":false,"last_error":"/dev/hidraw0: gone\u001b[1m","cycles":7,
   "failed":2,"late":1,"timeouts":0,"garbled":0}],
 "spool":{"read":1234,"stored":1200,"duplicates":3,"rejected":1,"dropped":0,"pending":30,
  "unwritten":2,"unreadable_cycles":3,"oldest_pending":"2026-11-22T16:00:00.000Z","bytes":5242880,"max_bytes":268435456,
  "days_until_full":25.04,"disk_full":true},
 "shipping":{"state":"retrying","host":"https://es1:9200","server":"Elasticsearch 8.19.21",
  "last_error":"https://es1:9200: 503","last_success":"2026-11-22T16:00:10.000Z","latency_ms":34},
 "mqtt":{"connected":false,"published":1234,"waiting":5,"superseded":6,"dropped":7,"reconnects":8,
  "commands_done":1,"commands_failed":2,"commands_refused":3,
  "last_error":"broker:8883: connecting: refused"}})";

}  // namespace

TEST_CASE("the daemon's status is shown with what is wrong in plain sight", "[cli]") {
    CHECK(
        status_text(status, asked_at) ==
        "pwlog 0.1.0, process 42\n"
        "\n"
        "Device     State        Last sample  Cycles  Failed  Late  Timeouts  Garbled  Model\n"
        "rack1-pdu  reading      2 s ago      12,345       1     0         2        3  PDU\n"
        "rack1-ats  unreachable  never             7       2     1         0        0  -\n"
        "rack1-ats: unreachable: /dev/hidraw0: gone\\x1b[1m\n"
        "\n"
        "Shipping   retrying to https://es1:9200 (Elasticsearch 8.19.21), last success 64 min ago, "
        "34 ms\n"
        "           https://es1:9200: 503\n"
        "Documents  1,234 read = 1,200 stored + 3 duplicate + 1 rejected + 30 pending + 0 dropped\n"
        "Spool      5.0 of 256.0 MiB, room for 25.0 days without a server, oldest pending: 65 "
        "min ago\n"
        "           2 documents only in memory\n"
        "           waiting, but the disk fails to read them: 3 cycles\n"
        "           the disk is full\n"
        "MQTT       not connected, 1,234 published, 5 waiting, 6 superseded, 7 dropped, 8 "
        "reconnects\n"
        "           commands: 1 done, 2 failed, 3 refused\n"
        "           broker:8883: connecting: refused\n");
}

TEST_CASE("the status fits a terminal of 80 columns", "[cli]") {
    const std::string text = status_text(status, asked_at, 80);
    INFO(text);
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = text.find('\n', begin);
        CHECK(text_width(std::string_view(text).substr(begin, end - begin)) <= 80);
        begin = end + 1;
    }
    CHECK(text.find("Garbled\n") != std::string::npos);  // the model's column has no room
    CHECK(text.find("34 ms\n           https://es1:9200: 503\n") != std::string::npos);
}

TEST_CASE("a device that has not been read yet is not called unreachable", "[cli]") {
    const auto text = status_text(
        R"({"devices":[{"id":"a","reachable":false,"last_error":"","cycles":0,"failed":0}]})",
        asked_at);
    CHECK(text.find("\na       not read yet  -") != std::string::npos);
    CHECK(text.find("unreachable") == std::string::npos);
    CHECK(text.find("no success yet") != std::string::npos);
}

TEST_CASE("a clock and a configuration that are not fine are told", "[cli]") {
    const auto ends_with = [](std::string_view json, std::string_view end) {
        return std::string_view(status_text(json, asked_at)).ends_with(end);
    };
    CHECK(ends_with(R"({"clock":"unsynchronised"})",
                    "\nClock      not synchronised: documents are marked\n"));
    CHECK(ends_with(R"({"clock":"unknown"})",
                    "\nClock      unknown, the kernel may not be asked: documents are marked\n"));
    CHECK(ends_with(R"({"configuration_error":"line 3: x"})",
                    "the file could not be read again, the old one holds: line 3: x\n"));
    const auto fine = status_text(R"({"clock":"synchronised","configuration_error":""})", asked_at);
    CHECK(fine.find("Clock") == std::string::npos);
    CHECK(fine.find("Config") == std::string::npos);
}

TEST_CASE("a status of another version or none at all is shown as far as it goes", "[cli]") {
    for (const auto* json : {"", "{}", "[]", "null", R"({"devices":5,"spool":[],"shipping":"x"})",
                             R"({"devices":[5,{}],"spool":{"read":"many"}})"}) {
        const std::string text = status_text(json, asked_at);
        INFO(text);
        CHECK(text.starts_with("pwlog -, process 0\n"));
        CHECK(text.find("Documents  - read") != std::string::npos);
    }
}

TEST_CASE("what a UPS says is below the devices, and that it is old where it is", "[cli]") {
    const auto shown = [](const std::string& reachable) {
        return status_text(
            R"({"devices":[{"id":"u","reachable":)" + reachable +
                R"(,"documents":[{"event":{"dataset":"powerwalker.ups"},"powerwalker":{"ups":{)"
                R"("status":"OL","on_battery":false,"charge_pct":1,"load_pct":0.23,)"
                R"("runtime_s":1320}}}]}]})",
            asked_at);
    };
    const std::string line = "\n\nu: on line (OL), 100 % charge, 23 % load, 22 min left";
    CHECK(shown("true").find(line + "\n\nShipping") != std::string::npos);
    CHECK(shown("false").find(line + " when last read\n") != std::string::npos);
}

TEST_CASE("what accepts no documents is shown", "[cli]") {
    const auto text = status_text(
        R"({"shipping":{"state":"idle","holds":[
        {"index":"powerwalker-metrics-2026.10","document":"","reason":"403 cluster_block_exception",
         "since":"2026-11-22T17:00:00.000Z","waiting":12345}]}})",
        asked_at);
    INFO(text);
    CHECK(text.find(
              "powerwalker-metrics-2026.10 accepts no documents (since 5 min ago; 12,345 waiting): "
              "403 cluster_block_exception") != std::string::npos);
}

TEST_CASE("the spool's numbers are shown", "[cli]") {
    CHECK(spool_info_text(
              R"({"read":10,"stored":10,"duplicates":0,"rejected":0,"pending":0,"dropped":0,
                  "cycles":1,"first":"2026-11-22T17:00:00.000Z","last":"2026-11-22T17:00:00.000Z",
                  "rejects_kept":0,"rejects_dropped":2,"quarantined_cycles":1,"salvaged":0,
                  "bytes":1048576,"max_bytes":2097152})",
              asked_at) ==
          "Documents  10 read = 10 stored + 0 duplicate + 0 rejected + 0 pending + 0 dropped\n"
          "Spool      1.0 of 2.0 MiB\n"
          "Archive    1 cycles, 2026-11-22T17:00:00.000Z to 2026-11-22T17:00:00.000Z\n"
          "Rejects    0 kept, 2 older ones dropped\n"
          "Damage     1 cycle with a wrong checksum, 0 documents rescued\n");
}

TEST_CASE("a refused document is a row with its reason cut", "[cli]") {
    TextTable table = reject_table();
    add_reject(table, R"({"time":"2026-11-22T17:00:00.000Z","status":400,"type":"t","reason":")" +
                          std::string(100, 'r') + R"(","id":"i","document":{}})");
    CHECK(table.text().find("2026-11-22T17:00:00.000Z  400     t     " + std::string(59, 'r') +
                            "…  i\n") != std::string::npos);
}

TEST_CASE("answers of a daemon that are nested without end are read as none", "[cli]") {
    for (const auto& value : test::hostile_values()) {
        CHECK_FALSE(parse_daemon_status(value));
        CHECK_FALSE(parse_daemon_status(R"({"devices":[{"documents":[)" + value + "]}]}"));
        CHECK_FALSE(saved_memory(value));
        CHECK_FALSE(saved_memory(R"({"settings":)" + value + "}"));
        CHECK(status_text(value, asked_at).starts_with("pwlog -"));
        CHECK_FALSE(spool_info_text(value, asked_at).empty());
        CHECK_FALSE(decode_listed(value));
        CHECK_FALSE(decode_payload(R"({"payload":)" + value + "}"));
        CHECK_FALSE(decode_switch_piece(value));
    }
}

TEST_CASE("another logger of one device.id is shown", "[cli]") {
    const auto text = status_text(
        R"({"shipping":{"state":"idle","conflicts":[
        {"device":"rack1-pdu","documents":12345,"last":"2026-11-22T17:00:00.000Z"}]}})",
        asked_at);
    INFO(text);
    CHECK(text.find("another logger writes device.id rack1-pdu: 12,345 documents put aside, the "
                    "last 5 min ago") != std::string::npos);
}
