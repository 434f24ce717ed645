#include "cli/mqtt_parts.h"

#include "cli/agent_options.h"
#include "cli/version.h"

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

std::vector<std::string> subscriptions(const Config& config, const BoardOptions& board) {
    std::vector<std::string> filters;
    if (config.mqtt->discovery != MqttConfig::Discovery::off) {
        filters.push_back(config.mqtt->discovery_prefix + "/status");
    }
    const auto above = places_above(board);
    for (const auto& pdu : config.pdus) {
        if (config.mqtt->commands && !pdu.switchable.empty()) {
            for (auto& filter : command_filters(above.at(pdu.id))) {
                filters.push_back(std::move(filter));
            }
        }
    }
    return filters;
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
    broker.client_id = mqtt.client_id.empty() ? "pwlog-" + agent_host_name(config) : mqtt.client_id;
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

Result<std::unique_ptr<MqttParts>> make_mqtt(const Config& config, Agent& agent,
                                             const Clock& clock) {
    if (!config.mqtt) {
        return std::unique_ptr<MqttParts>();
    }
    auto broker = broker_options(config);
    if (!broker) {
        return pass_on(broker);
    }
    const auto board = board_options(config, *broker);
    auto parts = std::make_unique<MqttParts>(config.mqtt->retain);
    parts->board = std::make_unique<StateBoard>(board, parts->outbox);
    parts->desk = make_desk(config, agent, board, clock);
    Publisher::Options options;
    options.broker = std::move(*broker);
    options.subscriptions = subscriptions(config, board);
    options.received = [mqtt = *config.mqtt, &outbox = parts->outbox,
                        desk = parts->desk.get()](const Incoming& message) {
        if (is_birth(mqtt, message)) {
            outbox.all_again();
        } else if (desk != nullptr) {
            desk->take(message);
        }
    };
    options.too_large = [board = parts->board.get()](const std::string& topic) {
        board->was_too_large(topic);
    };
    parts->publisher = std::make_unique<Publisher>(std::move(options), parts->outbox, clock);
    return parts;
}

}  // namespace pwlog
