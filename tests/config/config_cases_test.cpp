// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "config/config.h"
#include "support/paths.h"
#include "support/text.h"

using namespace pwlog;
using namespace std::chrono_literals;
using test::content;

namespace {

const std::filesystem::path cases = test::test_data() / "config";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// `#! text` at the end of a line: an error of that line has this text in it. `#!0 text`: an error
/// of the file as a whole.
std::vector<std::string> expected_errors(const std::string& text) {
    std::vector<std::string> expected;
    int number = 0;
    for (const std::string& line : lines_of(text)) {
        ++number;
        if (const auto at = line.find("#!0 "); at != std::string::npos) {
            expected.push_back("case.toml: " + line.substr(at + 4));
        } else if (const auto mark = line.find("#! "); mark != std::string::npos) {
            expected.push_back(fmt::format("case.toml:{}: {}", number, line.substr(mark + 3)));
        }
    }
    return expected;
}

std::vector<std::filesystem::path> files_in(const char* folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(cases / folder)) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

TEST_CASE("each fault of a configuration is told with its line, and only the faults are", "[cli]") {
    for (const auto& file : files_in("bad")) {
        INFO(file.filename());
        const std::string text = content(file);
        const auto config = parse_config(text, "case.toml");
        REQUIRE_FALSE(config);
        CHECK(config.error().kind == ErrorKind::invalid);
        std::vector<std::string> errors = lines_of(config.error().message);
        for (const std::string& expected : expected_errors(text)) {
            const auto found = std::find_if(
                errors.begin(), errors.end(),
                [&expected](const std::string& error) { return error.starts_with(expected); });
            INFO("expected: " << expected);
            INFO("got:\n" << config.error().message);
            REQUIRE(found != errors.end());
            errors.erase(found);
        }
        INFO("also got:\n" << fmt::format("{}", fmt::join(errors, "\n")));
        CHECK(errors.empty());
        CHECK(config.error().message.find("canary") == std::string::npos);
    }
}

TEST_CASE("the least configuration gets the documented defaults", "[cli]") {
    const auto config = load_config(cases / "good" / "least.toml");
    if (!config) {
        FAIL(config.error().message);
    }
    CHECK(config->pdus.at(0).interval == 10s);
    CHECK(config->pdus.at(0).session.query_gap == 20ms);
    CHECK(config->pdus.at(0).name == "a");
    CHECK_FALSE(config->pdus.at(0).fast_interval);
    CHECK(config->pdus.at(0).switchable.empty());
    CHECK_FALSE(config->pdus.at(0).tariff);
    CHECK(config->pdus.at(0).port.report_number == 0);
    CHECK(config->ats.at(0).fast_interval == 1s);
    CHECK(config->ats.at(0).capsule);
    CHECK(config->elasticsearch.authentication == AuthScheme::none);
    CHECK(config->elasticsearch.index_mode == IndexMode::time_series);
    CHECK(config->elasticsearch.batch_documents == 1'000);
    CHECK(config->elasticsearch.batch_bytes == 921'600);
    CHECK(config->spool.path == "/var/lib/pwlog");
    CHECK(config->spool.keep == 7 * 24h);
    CHECK(config->spool.max_size == 0);
    CHECK(config->spool.sync == SpoolSync::interval);
    CHECK(config->log_level == LogLevel::info);
    CHECK(config->labels.empty());
}

TEST_CASE("the top of the file and the sections are taken as they are written", "[cli]") {
    const auto config = load_config(cases / "good" / "full.toml");
    if (!config) {
        FAIL(config.error().message);
    }
    CHECK(config->host_name == "pi");
    CHECK(config->log_level == LogLevel::debug);
    CHECK(config->clock_wait == 5s);
    CHECK(config->logger_interval == 2min);
    CHECK(config->control_socket == "/run/user/1000/pwlog.sock");
    CHECK(config->labels ==
          std::map<std::string, std::string>{{"site", "home"}, {"room", "Küche"}});
    const ElasticConfig& elastic = config->elasticsearch;
    REQUIRE(elastic.hosts.size() == 3);
    CHECK(elastic.hosts[0].text() == "https://es1:9200");
    CHECK(elastic.hosts[1].text() == "https://[2001:db8::1]:9200/prefix");
    CHECK(elastic.hosts[2].text() == "http://127.0.0.1:9201");
    CHECK(elastic.authentication == AuthScheme::basic);
    CHECK(elastic.username == "pwlog");
    CHECK(elastic.secret_file == "pwlog_password");
    CHECK(elastic.ca_file == "/etc/pwlog/ca.pem");
    CHECK(elastic.client_cert == "/etc/pwlog/client.pem");
    CHECK(elastic.client_key == "/etc/pwlog/client.key");
    CHECK(elastic.proxy == "http://proxy:3128");
    CHECK(elastic.allow_plaintext);
    CHECK_FALSE(elastic.gzip);
    CHECK(elastic.index_mode == IndexMode::standard);
    CHECK(elastic.batch_documents == 500);
    CHECK(elastic.batch_bytes == 524'288);
    CHECK(elastic.timeout == 30s);
    CHECK(config->spool.path == "/srv/pwlog");
    CHECK(config->spool.keep == 48h);
    CHECK(config->spool.max_size == 67'108'864);
    CHECK(config->spool.flush_interval == 30s);
    CHECK(config->spool.sync == SpoolSync::sample);
}

TEST_CASE("the broker is taken as it is written, and its port follows from TLS", "[cli]") {
    const auto config = load_config(cases / "good" / "full.toml");
    REQUIRE(config);
    REQUIRE(config->mqtt);
    const MqttConfig& mqtt = *config->mqtt;
    CHECK(mqtt.host == "broker");
    CHECK(mqtt.port == 1884);
    CHECK_FALSE(mqtt.tls);
    CHECK(mqtt.username == "pwlog");
    CHECK(mqtt.password_file == "mqtt_password");
    CHECK(mqtt.client_id == "rack1");
    CHECK(mqtt.presence_topic == "rack1/presence");
    CHECK(mqtt.prefix == "homelab/rack1");
    CHECK(mqtt.qos == 1);
    CHECK_FALSE(mqtt.retain);
    CHECK(mqtt.oldest_topics);
    CHECK(mqtt.discovery == MqttConfig::Discovery::entity);
    CHECK(mqtt.discovery_prefix == "ha");
    CHECK(mqtt.commands);
    const std::string rest =
        "[elasticsearch]\nhosts = [\"https://a\"]\n[[pdu]]\nid = \"a\"\nport = \"/dev/a\"\n";
    const auto secure = parse_config("[mqtt]\nhost = \"::1\"\n" + rest, "c");
    REQUIRE(secure);
    CHECK(secure->mqtt->tls);
    CHECK(secure->mqtt->port == 8883);
    CHECK(secure->mqtt->prefix == "powerwalker");
    const auto plain = parse_config("[mqtt]\nhost = \"localhost\"\ntls = false\n" + rest, "c");
    REQUIRE(plain);
    CHECK(plain->mqtt->port == 1883);
    const auto none = parse_config(rest, "c");
    REQUIRE(none);
    CHECK_FALSE(none->mqtt);
}

TEST_CASE("a UPS is taken as it is written, and alone is enough", "[cli]") {
    const auto config = load_config(cases / "good" / "full.toml");
    REQUIRE(config);
    REQUIRE(config->ups.size() == 1);
    CHECK(config->ups[0].id == "rack1-ups");
    CHECK(config->ups[0].name == "UPS");
    CHECK(config->ups[0].host == "nas");
    CHECK(config->ups[0].port == 3494);
    CHECK(config->ups[0].ups == "qnapups");
    CHECK(config->ups[0].interval == 20s);
    const auto least =
        parse_config("[elasticsearch]\nhosts = [\"https://a\"]\n[[ups]]\nid = \"a\"\n", "c");
    REQUIRE(least);
    CHECK(least->ups[0].host == "localhost");
    CHECK(least->ups[0].port == 3493);
    CHECK(least->ups[0].ups == "ups");
    CHECK(least->ups[0].interval == 10s);
}

TEST_CASE("devices take their own values before those of the file", "[cli]") {
    const auto config = load_config(cases / "good" / "full.toml");
    if (!config) {
        FAIL(config.error().message);
    }
    REQUIRE(config->pdus.size() == 1);
    const PduConfig& pdu = config->pdus.front();
    CHECK(pdu.id == "rack1-pdu");
    CHECK(pdu.name == "Rack 1");
    CHECK(pdu.port.name == "/dev/serial/by-id/usb-x");
    CHECK(pdu.port.kind == PortOptions::Kind::serial);
    CHECK(pdu.outlets.at(0) == "nas");
    CHECK(pdu.outlets.at(7) == "printer");
    CHECK(pdu.switchable == std::vector<int>{1, 8});
    CHECK(pdu.switch_limit == 3);
    REQUIRE(pdu.tariff);
    CHECK(to_text(*pdu.tariff) == "0.31 EUR");
    CHECK(pdu.interval == 10s);
    CHECK(pdu.session.query_gap == 0ms);
    CHECK(pdu.session.answer_timeout == 2s);
    CHECK(pdu.fast_interval == 0ms);
    REQUIRE(config->ats.size() == 1);
    const AtsConfig& ats = config->ats.front();
    CHECK(ats.port.kind == PortOptions::Kind::hidraw);
    CHECK_FALSE(ats.port.report_number);
    CHECK_FALSE(ats.fast_interval);
    CHECK_FALSE(ats.capsule);
    CHECK(ats.interval == 15s);
    CHECK(ats.session.query_gap == 30ms);
    CHECK(ats.session.answer_timeout == 1'500ms);
}

TEST_CASE("a tariff may have bands and dates from which it changes", "[cli]") {
    const auto config = load_config(cases / "good" / "tariff.toml");
    if (!config) {
        FAIL(config.error().message);
    }
    REQUIRE(config->pdus.size() == 2);
    REQUIRE(config->pdus[0].tariff);
    CHECK(to_text(*config->pdus[0].tariff) ==
          "0.3, 22:00-06:00 0.2, 00:00-24:00 sun sat 0.25; from 2027-01-01: 0.34 EUR");
    REQUIRE(config->pdus[1].tariff);
    CHECK(to_text(*config->pdus[1].tariff) == "from 2026-11-01: 0.28");
}
