// SPDX-License-Identifier: MIT
#include "cli/status_check.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "control/status_metrics.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::content;
using State = CheckAnswer::State;

namespace {

const Timestamp now{std::chrono::hours(500'000)};

DeviceStatus device(const std::string& id, std::optional<Timestamp> last_sample) {
    DeviceStatus device;
    device.id = id;
    device.reachable = last_sample.has_value();
    device.last_sample = last_sample;
    return device;
}

DaemonStatus good_status() {
    DaemonStatus status;
    status.version = "0.1.0";
    status.devices.push_back(device("pdu1", now - 4s));
    status.devices.push_back(device("ats1", now - 6s));
    status.spool.pending_documents = 12;
    status.spool.oldest_pending = now - 30s;
    return status;
}

}  // namespace

TEST_CASE("a check is one line with its figures, and OK where all is well", "[cli]") {
    const auto answer = check_status(good_status(), {}, now);
    CHECK(answer.state == State::ok);
    CHECK(answer.line ==
          "PWLOG OK - 2 devices read, 12 documents pending | 'oldest_pending'=30s;300;1800;0 "
          "'pending'=12;;;0 'rejected'=0c 'dropped'=0c 'pdu1_age'=4s;300;1800;0 "
          "'ats1_age'=6s;300;1800;0");
}

TEST_CASE("what is old is a warning, then critical, and the worst is said first", "[cli]") {
    auto status = good_status();
    status.devices[0].last_sample = now - 6min;
    CHECK(check_status(status, {}, now).state == State::warning);
    CHECK(check_status(status, {.warn = 7min, .crit = 8min}, now).state == State::ok);
    status.spool.oldest_pending = now - 2h;
    const auto answer = check_status(status, {}, now);
    CHECK(answer.state == State::critical);
    CHECK_THAT(answer.line,
               Catch::StartsWith("PWLOG CRITICAL - the oldest document that waits is 2 h old; "
                                 "pdu1: newest sample is 6 min old |"));
}

TEST_CASE("a daemon's own trouble is judged as well", "[cli]") {
    auto status = good_status();
    status.mqtt = DaemonStatus::Mqtt();
    status.configuration_error = "pwlog.toml:3: what";
    CHECK(check_status(status, {}, now).state == State::warning);
    status.devices[1].last_sample.reset();
    CHECK(check_status(status, {}, now).state == State::critical);
    status = good_status();
    status.shipping.holds.emplace_back().index = "powerwalker-metrics-2026.11";
    CHECK(check_status(status, {}, now).state == State::critical);
    CHECK(check_failed(State::critical, "no | daemon\n").line ==
          "PWLOG CRITICAL - no / daemon\\x0a");
}

TEST_CASE("fifty devices in trouble are still one short sentence", "[cli]") {
    auto status = good_status();
    for (int i = 0; i < 50; ++i) {
        status.devices.push_back(device("rack" + std::to_string(i), {}));
    }
    const auto answer = check_status(status, {}, now);
    CHECK_THAT(answer.line, Catch::Contains("rack4 was never read; and 45 more |"));
}

TEST_CASE("Prometheus gets each figure with its type", "[cli]") {
    const auto text = metrics_text(good_status());
    for (const auto* line :
         {"# TYPE pwlog_device_up gauge\n", "pwlog_device_up{device=\"pdu1\"} 1\n",
          "pwlog_info{version=\"0.1.0\"} 1\n", "pwlog_documents_pending 12\n",
          "# TYPE pwlog_device_cycles_total counter\n",
          "pwlog_device_last_sample_timestamp_seconds{device=\"ats1\"} "
          "1799999994.000\n"}) {
        CHECK_THAT(text, Catch::Contains(line));
    }
    CHECK(text.ends_with('\n'));
}

TEST_CASE("Prometheus' file is written beside no link's target, for all to read", "[cli]") {
    const test::TempDir dir;
    const auto precious = dir.write("precious", "not to be touched");
    const auto file = dir.path() / "pwlog.prom";
    for (const auto* beside : {".tmp", ".new"}) {
        std::filesystem::create_symlink(precious, file.string() + beside);
    }
    REQUIRE(write_metrics(file, good_status()));
    CHECK(content(precious) == "not to be touched");
    CHECK(content(file) == metrics_text(good_status()));
    const auto all = std::filesystem::status(file).permissions();
    CHECK((all & std::filesystem::perms::others_read) != std::filesystem::perms::none);
}
