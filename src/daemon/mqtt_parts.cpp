// SPDX-License-Identifier: MIT
#include "daemon/mqtt_parts.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <systemd/sd-id128.h>

#include <utility>

#include "base/printable.h"
#include "base/version.h"
#include "daemon/agent_options.h"
#include "mqtt/leftovers.h"

namespace pwlog {
namespace {

BoardOptions board_options(const Config& config, const BrokerOptions& broker) {
    BoardOptions options;
    if (config.mqtt->discovery != MqttConfig::Discovery::off) {
        options.home = home_options(config, broker.presence_topic);
    }
    options.prefix = config.mqtt->prefix;
    options.oldest_form = config.mqtt->oldest_topics;
    for (const auto& pdu : config.pdus) {
        options.pdus.push_back(pdu.id);
        if (config.mqtt->commands) {
            options.switchable[pdu.id] = pdu.switchable;
        }
    }
    for (const auto& ats : config.ats) {
        options.ats.push_back(ats.id);
    }
    for (const auto& ups : config.ups) {
        options.ups.push_back(ups.id);
    }
    return options;
}

/// Home Assistant has started, or has been set up: it wants to hear everything.
bool is_birth(const MqttConfig& mqtt, const Incoming& message) {
    return message.topic == mqtt.discovery_prefix + "/status" && message.payload == "online";
}

/// Machines may have one name; none shares its id, of which only a hash is shown.
std::string default_client_id(const Config& config) {
    // Drawn once for this use: sd_id128_get_machine_app_specific() hashes it with the machine's.
    constexpr sd_id128_t application{{0x5b, 0x1e, 0x0c, 0x9a, 0x37, 0xd4, 0x4f, 0x62, 0x8a, 0x11,
                                      0xe3, 0x70, 0x2d, 0x96, 0xbc, 0x48}};
    sd_id128_t own{};
    std::string plain = "pwlog-" + agent_host_name(config);
    if (sd_id128_get_machine_app_specific(application, &own) != 0) {
        return plain;
    }
    return fmt::format("{}-{:02x}{:02x}{:02x}{:02x}", plain, own.bytes[0], own.bytes[1],
                       own.bytes[2], own.bytes[3]);
}

/// Where whatever was announced stands, in either form.
std::vector<std::string> announcement_filters(const MqttConfig& mqtt) {
    std::vector<std::string> filters{mqtt.discovery_prefix + "/device/+/config"};
    for (const auto* platform : {"sensor", "binary_sensor", "switch", "button"}) {
        filters.push_back(fmt::format("{}/{}/+/+/config", mqtt.discovery_prefix, platform));
    }
    return filters;
}

/// Only PDUs of which something may be switched; null where there is none.
std::unique_ptr<CommandDesk> make_desk(const Config& config, Agent& agent,
                                       const BoardOptions& board, const Clock& clock) {
    const auto above = places_above(board);
    std::vector<CommandDesk::Pdu> pdus;
    for (const auto& pdu : config.pdus) {
        if (config.mqtt->commands && !pdu.switchable.empty()) {
            pdus.push_back({above.at(pdu.id), agent.switcher(pdu.id),
                            [sampler = agent.sampler(pdu.id)] { sampler->sample_now(); }});
        }
    }
    return pdus.empty() ? nullptr : std::make_unique<CommandDesk>(pdus, clock);
}

}  // namespace

HomeOptions home_options(const Config& config, const std::string& presence_topic) {
    HomeOptions options;
    options.form = config.mqtt->discovery == MqttConfig::Discovery::entity
                       ? HomeOptions::Form::entity
                       : HomeOptions::Form::device;
    options.prefix = config.mqtt->discovery_prefix;
    options.presence_topic = presence_topic;
    options.version = version;
    return options;
}

Result<BrokerOptions> broker_options(const Config& config) {
    const auto& mqtt = *config.mqtt;
    BrokerOptions broker;
    broker.host = mqtt.host;
    broker.port = mqtt.port;
    broker.client_id = mqtt.client_id.empty() ? default_client_id(config) : mqtt.client_id;
    broker.presence_topic =
        mqtt.presence_topic.empty() ? "$CONNECTED/" + broker.client_id : mqtt.presence_topic;
    broker.username = mqtt.username;
    if (!mqtt.password_file.empty()) {
        auto password = read_secret_file(mqtt.password_file);
        if (!password) {
            return pass_on(password);
        }
        broker.password = std::move(*password);
    }
    broker.tls = mqtt.tls;
    broker.ca_file = mqtt.ca_file.string();
    broker.client_cert = mqtt.client_cert.string();
    broker.client_key = mqtt.client_key.string();
    broker.qos = mqtt.qos;
    return broker;
}

std::vector<std::string> broker_subscriptions(const Config& config, const BrokerOptions& broker) {
    std::vector<std::string> filters;
    if (config.mqtt->discovery != MqttConfig::Discovery::off) {
        filters.push_back(config.mqtt->discovery_prefix + "/status");
    }
    const auto above = places_above(board_options(config, broker));
    for (const auto& pdu : config.pdus) {
        if (config.mqtt->commands && !pdu.switchable.empty()) {
            for (auto& filter : command_filters(above.at(pdu.id))) {
                filters.push_back(std::move(filter));
            }
        }
    }
    return filters;
}

Result<std::shared_ptr<MqttParts>> make_mqtt(const Config& config, Agent& agent,
                                             const Clock& clock) {
    if (!config.mqtt) {
        return std::shared_ptr<MqttParts>();
    }
    auto broker = broker_options(config);
    if (!broker) {
        return pass_on(broker);
    }
    const auto board = board_options(config, *broker);
    auto parts = std::make_shared<MqttParts>(config.mqtt->retain);
    parts->board = std::make_unique<StateBoard>(board, parts->outbox);
    parts->desk = make_desk(config, agent, board, clock);
    Publisher::Options options;
    if (!config.mqtt->password_file.empty()) {
        options.password = [file = config.mqtt->password_file] { return read_secret_file(file); };
    }
    options.first_subscriptions = announcement_filters(*config.mqtt);
    const Leftovers leftovers(config.mqtt->discovery_prefix, broker->presence_topic, board);
    options.subscriptions = broker_subscriptions(config, *broker);
    options.broker = std::move(*broker);
    options.received = [mqtt = *config.mqtt, &outbox = parts->outbox, desk = parts->desk.get(),
                        board = parts->board.get(), leftovers, removed = std::size_t{0},
                        has_rival = false](const Incoming& message) mutable {
        if (is_birth(mqtt, message)) {
            outbox.kept_again();
        } else if (auto words = leftovers.last_words(message); !words.empty()) {
            constexpr std::size_t most_told = 100;
            if (++removed <= most_told) {
                spdlog::info(
                    "MQTT: removing {}, the announcement of a device that is no longer configured, "
                    "or has other topics now{}",
                    printable(message.topic),
                    removed == most_told ? "; further ones are removed without a line" : "");
            }
            for (auto& word : words) {
                outbox.take_back(std::move(word));
            }
        } else if (leftovers.is_rivals(message)) {
            if (!std::exchange(has_rival, true)) {
                spdlog::error(
                    "MQTT: another logger has topics of ours: {}. Until a restart no commands "
                    "are taken and nothing is announced here. Give each logger a `prefix` "
                    "of its own; if that one is gone, remove the message",
                    printable(message.topic));
                board->withdraw();
            }
        } else if (desk != nullptr && !has_rival) {
            desk->take(message);
        }
    };
    options.too_large = [board = parts->board.get()](const std::string& topic) {
        board->was_too_large(topic);
    };
    parts->publisher = std::make_unique<Publisher>(std::move(options), parts->outbox, clock);
    return parts;
}

Result<void> MqttParts::start() {
    if (auto started = publisher->start(); !started || !desk) {
        return started;
    }
    return desk->start();
}

void MqttParts::stop_commands() {
    if (desk) {
        desk->stop();
    }
}

void MqttParts::stop() {
    constexpr auto goodbye = std::chrono::milliseconds(300);
    publisher->stop(goodbye);
}

}  // namespace pwlog
