// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>

#include "control/control_server.h"
#include "doctor/doctor_finding.h"
#include "doctor/doctor_server.h"
#include "doctor/doctor_steps.h"
#include "support/hand_clock.h"
#include "support/http_stub.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

Config one_pdu() {
    Config config;
    config.pdus.emplace_back();
    config.pdus[0].id = "pdu1";
    config.pdus[0].port.name = "/dev/nothing";
    return config;
}

DaemonStatus reading(Timestamp now) {
    DaemonStatus status;
    status.pid = 4711;
    DeviceStatus device;
    device.id = "pdu1";
    device.reachable = true;
    device.last_sample = now - 3s;
    device.cycles = 100;
    status.devices.push_back(device);
    return status;
}

std::string names(const Findings& findings) {
    std::string text;
    for (const auto& finding : findings) {
        text += (text.empty() ? "" : " ") + finding.name;
    }
    return text;
}

const Timestamp now{1'795'366'800s};

}  // namespace

TEST_CASE("a clock is trusted, not trusted, or in the past", "[cli]") {
    test::HandClock clock;
    CHECK(names(examine_clock(clock)) == "clock_synchronised");
    clock.set_synchronised(false);
    CHECK(names(examine_clock(clock)) == "clock_unsynchronised");
    CHECK(worst(examine_clock(clock)) == Verdict::warn);
    clock.set(WallTime(1000s));
    CHECK(names(examine_clock(clock)) == "clock_wrong");
}

TEST_CASE("what the daemon says about its devices becomes findings", "[cli]") {
    const auto config = one_pdu();
    auto status = reading(now);
    CHECK(names(examine_devices(config, &status, now)) == "port_held_by_daemon device_answers");
    auto& device = status.devices[0];
    device.last_sample = now - 60s;
    CHECK(names(examine_devices(config, &status, now)) == "port_held_by_daemon device_stale");
    device.last_sample.reset();
    CHECK(names(examine_devices(config, &status, now)) ==
          "port_held_by_daemon device_not_read_yet");
    device.reachable = false;
    device.last_error = "something";
    for (const auto& [kind, name] :
         {std::pair("timeout", "port_held_by_daemon device_silent"),
          std::pair("garbled", "port_held_by_daemon device_garbled"),
          std::pair("wrong_device", "port_held_by_daemon device_wrong_kind"),
          std::pair("unavailable", "port_held_by_daemon device_unreachable"),
          std::pair("not_found", "port_missing"), std::pair("denied", "port_denied"),
          std::pair("busy", "port_busy"), std::pair("io", "port_broken")}) {
        device.last_error_kind = kind;
        INFO(kind);
        CHECK(names(examine_devices(config, &status, now)) == name);
    }
}

TEST_CASE("cycles that come late are found", "[cli]") {
    const auto config = one_pdu();
    auto status = reading(now);
    CHECK(names(examine_wire_time(config, &status)) == "wire_time_fits");
    status.devices[0].late = 6;
    CHECK(names(examine_wire_time(config, &status)) == "cycles_late");
}

TEST_CASE("what a spool says of itself becomes findings", "[cli]") {
    const test::TempDir folder;
    auto config = one_pdu();
    config.spool.path = folder.path();
    auto status = reading(now);
    auto& spool = status.spool;
    const auto found = [&] { return names(examine_spool(config.spool, &status, now)); };
    CHECK(found() == "spool_fine");
    spool.pending_documents = 1234;
    spool.oldest_pending = now - 9min;
    CHECK(found() == "spool_fine");
    spool.oldest_pending = now - 3h;
    CHECK(found() == "pending_old");
    spool.bytes = 95;
    spool.max_bytes = 100;
    CHECK(found() == "pending_old spool_nearly_full");
    spool.dropped = 1;
    spool.rejected = 1;
    CHECK(found() == "pending_old spool_nearly_full documents_dropped documents_rejected");
    spool.unreadable_entries = 2;
    CHECK(found() ==
          "spool_unreadable pending_old spool_nearly_full documents_dropped documents_rejected");
    spool.unreadable_entries = 0;
    spool.disk_full = true;
    CHECK(worst(examine_spool(config.spool, &status, now)) == Verdict::fail);
}

TEST_CASE("a finding is wrapped for a terminal, and harmless", "[cli]") {
    const Finding finding{DoctorStep::ports,
                          "port_missing",
                          Verdict::fail,
                          "pdu1",
                          "no such device \x1b[2J; is it plugged in, or has it another name today?",
                          "plug it in"};
    const auto text = finding_text(finding, 60, false);
    CHECK(text ==
          "fail  ports          pdu1: no such device \\x1b[2J; is it\n"
          "                     plugged in, or has it another name\n"
          "                     today? [port_missing]\n"
          "                     next: plug it in\n");
    CHECK(finding_text(finding, 0, false).find("today? [port_missing]\n") != std::string::npos);
    CHECK(finding_text(finding, 1, true).find("\x1b[2J") == std::string::npos);
}

TEST_CASE("the exit status is that of the first step that failed", "[cli]") {
    const auto found = [](DoctorStep step, Verdict verdict) {
        return Finding{step, "x", verdict, "", ""};
    };
    CHECK(doctor_exit_code({}) == ExitCode::ok);
    CHECK(doctor_exit_code({found(DoctorStep::ports, Verdict::warn)}) == ExitCode::ok);
    CHECK(doctor_exit_code({found(DoctorStep::ports, Verdict::warn),
                            found(DoctorStep::templates, Verdict::fail),
                            found(DoctorStep::spool, Verdict::fail)}) == ExitCode::templates);
}

TEST_CASE("the passwords of proxy and broker, and certificates, are secrets too", "[cli]") {
    auto config = one_pdu();
    CHECK(names(examine_secrets(config)) == "no_secrets");
    config.elasticsearch.proxy_password_file = "/nowhere/proxy_password";
    CHECK(names(examine_secrets(config)) == "secret_missing");
    config.mqtt.emplace();
    config.mqtt->password_file = "/nowhere/password";
    config.mqtt->ca_file = "/nowhere/ca.pem";
    CHECK(names(examine_secrets(config)) == "secret_missing secret_missing certificate_missing");
}

TEST_CASE("hosts have to be of the cluster that the daemon ships to", "[cli]") {
    const auto node = [](const std::string& uuid) {
        return [uuid](const test::StubRequest&) {
            return test::StubReply{.body = R"({"version":{"number":"8.19.21"},"cluster_uuid":")" +
                                           uuid + "\"}"};
        };
    };
    const test::HttpStub one(node("one"));
    const test::HttpStub two(node("two"));
    ElasticConfig config;
    for (const auto& url : {two.url(), one.url()}) {
        config.hosts.push_back(ServerUrl::parse(url, true).value());
    }
    DaemonStatus status;
    std::optional<ExaminedServer> server;
    const auto found = [&] {
        server.reset();
        return examine_servers(config, &status, {}, server);
    };
    SECTION("where it has shipped to none, to that of the first host") {
        CHECK(names(found()) == "server_answers server_other_cluster");
        CHECK(server->url.text() == two.url());
    }
    SECTION("the first host is the foreign one") {
        status.shipping.cluster = "one";
        const auto findings = found();
        CHECK(names(findings) == "server_other_cluster server_answers");
        CHECK(findings.front().message == "cluster_uuid two, the daemon ships to one");
        CHECK(findings.front().verdict == Verdict::warn);  // the other host does the work
        CHECK(server->url.text() == one.url());
    }
    SECTION("the only host that answers is foreign: nothing is shipped") {
        status.shipping.cluster = "one";
        config.hosts[1] = ServerUrl::parse("http://127.0.0.1:1", true).value();
        const auto findings = found();
        CHECK(names(findings) == "server_other_cluster server_unreachable");
        CHECK(worst(findings) == Verdict::fail);
        CHECK_FALSE(server);
    }
    SECTION("all hosts are of a new one, which the daemon accepts") {
        status.shipping.cluster = "old";
        config.hosts.pop_back();
        const auto findings = found();
        CHECK(names(findings) == "server_other_cluster");
        CHECK(findings.front().message == "cluster_uuid two, the daemon has shipped to old");
        CHECK(worst(findings) == Verdict::warn);
        CHECK(server);
    }
}

TEST_CASE("the cluster that the daemon ships to is in its status", "[cli]") {
    const auto status = parse_daemon_status(R"({"shipping":{"cluster_uuid":"one"}})");
    REQUIRE(status);
    CHECK(status->shipping.cluster == "one");
}

TEST_CASE("a key differs where only the file has it, and where only the daemon does", "[cli]") {
    const test::TempDir folder;
    ControlServerOptions options;
    options.path = folder.path() / "s";
    const auto server = ControlServer::open(
        options, {{"status", [](const ControlRequest&, ControlReply& reply) {
                       return reply.send(R"({"version":"","pid":4711,"alive":true,"configuration":)"
                                         R"({"spool":"1","pdu":"2","tariff":"3","mqtt":"4"}})");
                   }}});
    REQUIRE(server);
    auto config = one_pdu();
    config.control_socket = options.path;
    config.marks = {{"spool", "1"}, {"pdu", "another"}, {"tariff", "3"}, {"labels", "5"}};
    std::optional<DaemonStatus> status;
    const auto findings = examine_daemon(config, status);
    REQUIRE(status);
    const auto found = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.name == "daemon_old_configuration";
    });
    REQUIRE(found != findings.end());
    CHECK(test::has(found->message, "labels, mqtt, pdu differ"));
    CHECK(found->next == "pwlog reload");
}
