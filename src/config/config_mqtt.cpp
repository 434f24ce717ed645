// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "config/config_sections.h"
#include "elastic/server_url.h"

namespace pwlog {
namespace {

bool is_control(char c) { return (c >= 0 && c < ' ') || c == 127; }

/// As a topic's beginning, and in every one that is published.
bool is_topic(std::string_view topic) {
    return !topic.empty() && topic.size() <= 200 && topic.front() != '/' && topic.back() != '/' &&
           topic.find_first_of("+#") == std::string_view::npos &&
           topic.find("//") == std::string_view::npos &&
           std::none_of(topic.begin(), topic.end(), is_control);
}

/// It becomes a level of the presence topic.
bool is_client_id(std::string_view id) {
    return id.size() <= 100 && is_topic(id) && id.find('/') == std::string_view::npos;
}

struct Topic {
    bool may_be_system = false;

    bool read(TableReader& reader, std::string_view key, std::string& topic) const {
        std::string text;
        if (!reader.read(key, text)) {
            return false;
        }
        if (!is_topic(text) || (!may_be_system && text.front() == '$')) {
            reader.problem(key, fmt::format("expected a topic of up to 200 bytes without + and #, "
                                            "control characters and empty levels, no / at its "
                                            "ends{}, got \"{}\"",
                                            may_be_system ? "" : " and no $ in front", text));
            return false;
        }
        topic = std::move(text);
        return true;
    }
    static std::string show(const std::string& topic) { return toml_text(topic); }
};

/// The host as the checks for servers' addresses want it.
bool is_address(const std::string& host, bool only_this_machine) {
    if (host.find_first_of("#+?/@ ") != host.npos ||
        std::any_of(host.begin(), host.end(), is_control)) {
        return false;
    }
    const std::string shown = host.find(':') == host.npos ? host : "[" + host + "]";
    return ServerUrl::parse((only_this_machine ? "http://" : "https://") + shown, false)
        .has_value();
}

void read_host(TableReader& reader, MqttConfig& config) {
    if (reader.find("host") == nullptr) {
        reader.problem("host", R"(is missing: host = "localhost")");
    } else if (reader.read("host", config.host) && !is_address(config.host, false)) {
        reader.problem("host",
                       fmt::format("expected a host's name or address without anything else, got "
                                   "{}",
                                   node_text(*reader.find("host"))));
    } else if (!config.tls && !config.allow_plaintext && !is_address(config.host, true)) {
        reader.problem("tls",
                       "false to another machine lets everybody between read the password "
                       "and switch outlets; allow_plaintext = true accepts that");
    }
}

void read_port(TableReader& reader, MqttConfig& config) {
    config.port = config.tls ? 8883 : 1883;
    Whole{{1, 65'535}}.read(reader, "port", config.port);
}

void read_user(TableReader& reader, MqttConfig& config) {
    const bool named = reader.read("username", config.username);
    const bool secret = read_secret_name(reader, "password_file", config.password_file);
    if (secret && reader.find("username") == nullptr) {
        reader.problem("password_file", "needs username beside it");
    } else if (named && reader.find("password_file") == nullptr) {
        reader.problem("username", "needs password_file beside it");
    }
}

void read_client_id(TableReader& reader, MqttConfig& config) {
    if (reader.read("client_id", config.client_id) && !is_client_id(config.client_id)) {
        reader.problem("client_id",
                       fmt::format("expected up to 100 bytes without /, +, # and control "
                                   "characters, got {}",
                                   node_text(*reader.find("client_id"))));
    }
}

void check_certificates(TableReader& reader, const MqttConfig& config) {
    check_client_certificate(reader);
    for (const std::string_view key : {"ca_file", "client_cert"}) {
        if (!config.tls && reader.find(key) != nullptr) {
            reader.problem(key, "has no use with tls = false");
        }
    }
}

const auto& mqtt_keys() {
    using S = MqttConfig;
    using Discovery = S::Discovery;
    static const std::tuple keys{
        SpecialKey<S>{"host", &read_host, R"("localhost")", "the broker", Stand::needed},
        Key{"tls", &S::tls, Flag{}, "encrypted, and the broker's certificate checked"},
        SpecialKey<S>{"port", &read_port, "8883", "1883 without tls"},
        Key{"allow_plaintext", &S::allow_plaintext, Flag{},
            "tls = false to another machine than this one"},
        Key{"ca_file", &S::ca_file, Path{}, "PEM; the system's authorities if left out",
            R"("/etc/pwlog/ca.pem")"},
        Key{"client_cert", &S::client_cert, Path{}, "with client_key", R"("/etc/pwlog/cert.pem")"},
        Key{"client_key", &S::client_key, Path{}, "with client_cert", R"("/etc/pwlog/key.pem")"},
        SpecialKey<S>{"username", &read_user, R"("pwlog")", "with password_file"},
        SpecialKey<S>{"password_file", nullptr, R"("/etc/pwlog/mqtt_password")", "beside username"},
        SpecialKey<S>{"client_id", &read_client_id, R"("pwlog-rack1")",
                      "made from the machine's name if left out"},
        Key{"presence_topic", &S::presence_topic, Topic{true},
            "made from the client id if left out", R"("$CONNECTED/pwlog-rack1")"},
        Key{"prefix", &S::prefix, Topic{}, "of every topic"},
        Key{"qos", &S::qos, Whole{{0, 2}}, "quality of service: 0, 1 or 2"},
        Key{"retain", &S::retain, Flag{}, "the broker keeps the last values"},
        Key{"oldest_topics", &S::oldest_topics, Flag{}, "also P/power/out1_w …"},
        Key{"commands", &S::commands, Flag{}, "for outlets in switchable"},
        Key{"discovery", &S::discovery,
            Word<Discovery>{{{"off", Discovery::off},
                             {"device", Discovery::device},
                             {"entity", Discovery::entity}}},
            R"(for Home Assistant: "entity" before 2024.11, or "off")"},
        Key{"discovery_prefix", &S::discovery_prefix, Topic{}, "must match Home Assistant's own"}};
    return keys;
}

}  // namespace

void read_mqtt(const toml::table& table, std::optional<MqttConfig>& mqtt,
               ConfigProblems& problems) {
    TableReader reader(table, "mqtt", problems);
    auto& config = mqtt.emplace();
    read_keys(reader, config, mqtt_keys());
    check_certificates(reader, config);
    finish_section(reader);
}

SectionFacts mqtt_facts() {
    return {"mqtt", false, false, "docs/mqtt.md", facts_of(MqttConfig{}, mqtt_keys())};
}

}  // namespace pwlog
