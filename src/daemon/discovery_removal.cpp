// SPDX-License-Identifier: MIT
#include "daemon/discovery_removal.h"

#include "daemon/agent_options.h"
#include "daemon/mqtt_parts.h"
#include "mqtt/ups_messages.h"

namespace pwlog {
namespace {

constexpr auto patience = std::chrono::seconds(15);
constexpr auto look_again = std::chrono::milliseconds(20);
constexpr auto goodbye = std::chrono::seconds(2);

std::vector<MqttMessage> all_withdrawals(const Config& config) {
    const auto options = home_options(config, "");
    std::vector<MqttMessage> messages;
    const auto add = [&](const HomeDevice& device) {
        for (auto& message : withdrawal(options, device)) {
            messages.push_back(std::move(message));
        }
    };
    for (const auto& pdu : config.pdus) {
        add(home_device("", pdu_setup(pdu).context, "", {}));
    }
    for (const auto& ats : config.ats) {
        add(home_device("", ats_setup(ats).context, ""));
    }
    for (const auto& ups : config.ups) {
        add(home_device("", DeviceTag{ups.id, ""}, UpsReading{}, {}));
    }
    return messages;
}

/// Sends all of it; the error, where that did not succeed in time.
std::string send(BrokerOptions broker, const std::vector<MqttMessage>& messages) {
    // A daemon that runs keeps its own connection, and its presence.
    broker.client_id += "-setup";
    broker.presence_topic.clear();
    broker.qos = 1;
    const SystemClock clock;
    Outbox outbox(true);
    for (const auto& message : messages) {
        outbox.keep(message);
    }
    Publisher::Options options;
    options.broker = std::move(broker);
    Publisher publisher(std::move(options), outbox, clock);
    if (const auto started = publisher.start(); !started) {
        return started.error().message;
    }
    const auto end = clock.steady_now() + patience;
    while (publisher.status().published < messages.size() && clock.steady_now() < end) {
        clock.wait_until(clock.steady_now() + look_again, {});
    }
    publisher.stop(goodbye);
    const auto status = publisher.status();
    if (status.published >= messages.size()) {
        return {};
    }
    return status.last_error.empty() ? "the broker did not take it in time" : status.last_error;
}

}  // namespace

std::optional<SetupLine> remove_discovery(const Config& config, bool dry_run) {
    if (!config.mqtt) {
        return std::nullopt;
    }
    SetupLine line{"home_assistant/discovery", SetupOutcome::removed};
    if (dry_run) {
        return line;
    }
    const auto broker = broker_options(config);
    const std::string problem =
        broker ? send(*broker, all_withdrawals(config)) : broker.error().message;
    if (!problem.empty()) {
        line.outcome = SetupOutcome::failed;
        line.detail = problem;
    }
    return line;
}

}  // namespace pwlog
