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

void read_topic(TableReader& reader, std::string_view key, std::string& topic, bool may_be_system) {
    std::string text;
    if (!reader.read(key, text)) {
        return;
    }
    if (!is_topic(text) || (!may_be_system && text.front() == '$')) {
        reader.problem(key,
                       fmt::format("expected a topic of up to 200 bytes without + and #, control "
                                   "characters and empty levels, no / at its ends{}, got \"{}\"",
                                   may_be_system ? "" : " and no $ in front", text));
        return;
    }
    topic = std::move(text);
}

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
    config.port = config.tls ? 8883 : 1883;
    if (std::int64_t port = 0; reader.read("port", port, {1, 65'535})) {
        config.port = static_cast<std::uint16_t>(port);
    }
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

void read_certificates(TableReader& reader, MqttConfig& config) {
    read_tls_files(reader, {config.ca_file, config.client_cert, config.client_key});
    for (const std::string_view key : {"ca_file", "client_cert"}) {
        if (!config.tls && reader.find(key) != nullptr) {
            reader.problem(key, "has no use with tls = false");
        }
    }
}

}  // namespace

void read_mqtt(const toml::table& table, std::optional<MqttConfig>& mqtt,
               ConfigProblems& problems) {
    TableReader reader(table, "mqtt", problems);
    auto& config = mqtt.emplace();
    reader.read("tls", config.tls);
    reader.read("allow_plaintext", config.allow_plaintext);
    read_host(reader, config);
    read_user(reader, config);
    read_certificates(reader, config);
    if (reader.read("client_id", config.client_id) && !is_client_id(config.client_id)) {
        reader.problem("client_id",
                       fmt::format("expected up to 100 bytes without /, +, # and control "
                                   "characters, got {}",
                                   node_text(*reader.find("client_id"))));
    }
    read_topic(reader, "presence_topic", config.presence_topic, true);
    read_topic(reader, "prefix", config.prefix, false);
    if (std::int64_t qos = 0; reader.read("qos", qos, {0, 2})) {
        config.qos = static_cast<int>(qos);
    }
    reader.read("retain", config.retain);
    reader.read("oldest_topics", config.oldest_topics);
    reader.read("commands", config.commands);
    using Discovery = MqttConfig::Discovery;
    reader.read<Discovery>(
        "discovery", config.discovery,
        {{"off", Discovery::off}, {"device", Discovery::device}, {"entity", Discovery::entity}});
    read_topic(reader, "discovery_prefix", config.discovery_prefix, false);
    finish_section(reader);
}

}  // namespace pwlog
