// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/secret.h"
#include "daemon/mqtt_parts.h"
#include "doctor/doctor_steps.h"
#include "mqtt/broker_addresses.h"
#include "mqtt/connection.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::broker;
constexpr auto patience = std::chrono::seconds(8);
constexpr auto mqtt311 = Connection::Protocol::mqtt311;

/// A visit to the broker as a client of our own, so that it throws nobody out, and without a last
/// will.
class Visit final : Connection::Hearer {
  public:
    explicit Visit(BrokerOptions broker) : broker_(std::move(broker)) {}

    /// At one address after the other, as the daemon does from one connection to the next.
    Result<void> connect() {
        auto connected = addresses_.choose(broker_, clock_, end_, {});
        while (connected) {
            const auto each = std::max<std::ptrdiff_t>(1, addresses_.hopes());
            give_up_ = clock_.steady_now() + (end_ - clock_.steady_now()) / each;
            connected = connect_at_address();
            addresses_.turned_out(connected.has_value());
            if (connected || addresses_.hopes() == 0) {
                break;
            }
            connected = addresses_.choose(broker_, clock_, end_, {});
        }
        give_up_ = end_;
        return connected;
    }
    /// MQTT 3.1.1 has no word for a message that the broker does not take.
    bool tells_refusals() const { return protocol_ != mqtt311; }

    void subscribe(const std::string& filter) { begun(filter, connection_->subscribe(filter)); }
    void publish(const std::string& topic) {
        begun(topic, connection_->publish({topic, ""}, false, 1));
    }
    /// What the broker thinks of each: an empty text where it takes it.
    Result<std::map<std::string, std::string>> answers() {
        if (auto came = until([this] { return answers_.size() == asked_; }); !came) {
            return pass_on(came);
        }
        return answers_;
    }

  private:
    Result<void> connect_at_address() {
        auto connected = connect_with(protocol_);
        if (connection_ && connection_->needs_mqtt311() && protocol_ != mqtt311) {
            protocol_ = mqtt311;
            connected = connect_with(protocol_);
        }
        return connected;
    }
    Result<void> connect_with(Connection::Protocol protocol) {
        auto connection = Connection::begin(broker_, protocol, this);
        if (!connection) {
            return pass_on(connection);
        }
        connection_ = std::move(*connection);
        return until([this] { return connection_->is_connected(); });
    }
    void begun(const std::string& topic, const Result<void>& outcome) {
        ++asked_;
        if (!outcome) {
            answers_[topic] = outcome.error().message;
        }
    }
    void answered(const std::string& topic, const std::string& reason) override {
        answers_[topic] = reason;
    }
    template <class Condition>
    Result<void> until(const Condition& condition) {
        while (!condition()) {
            const auto left = std::chrono::ceil<milliseconds>(give_up_ - clock_.steady_now());
            if (left <= milliseconds(0)) {
                return fail(ErrorKind::timeout,
                            fmt::format("{}:{}: no answer in time ({} s for all its addresses)",
                                        broker_.host, broker_.port, patience.count()));
            }
            pollfd waiting{connection_->fd(), POLLIN, 0};
            waiting.events = connection_->wants_to_write() ? POLLIN | POLLOUT : POLLIN;
            (void)poll(&waiting, 1, static_cast<int>(left.count()));
            if (auto turned = connection_->turn(); !turned) {
                return turned;
            }
        }
        return {};
    }

    const SystemClock clock_;
    const SteadyTime end_ = clock_.steady_now() + patience;
    SteadyTime give_up_ = end_;
    BrokerOptions broker_;
    BrokerAddresses addresses_;
    Connection::Protocol protocol_ = Connection::Protocol::mqtt5;
    std::size_t asked_ = 0;
    std::map<std::string, std::string> answers_;
    std::unique_ptr<Connection> connection_;  // last: it calls back into the others
};

Finding not_connected(const std::string& subject, const std::string& message) {
    const auto says = [&](std::string_view words) {
        return message.find(words) != std::string::npos;
    };
    if (says(": refused: ")) {
        return {step,
                "broker_refuses",
                Verdict::fail,
                subject,
                message,
                "correct username and password_file in [mqtt]; the broker's log says more"};
    }
    if (says("certificate") || says("ca_file") || says("SSL") || says("TLS") || says("tls = ")) {
        return {step,          "broker_tls",
                Verdict::fail, subject,
                message,       "correct tls, ca_file, client_cert and client_key in [mqtt]"};
    }
    return {step,
            "broker_unreachable",
            Verdict::fail,
            subject,
            message,
            "check that the broker runs and listens there, and that no firewall blocks it"};
}

/// What is published with these is read by nobody: no state, no announcement of a device that there
/// is, and never a topic on which commands are taken.
std::vector<std::string> harmless_topics(const MqttConfig& mqtt) {
    std::vector<std::string> topics{mqtt.prefix + "/doctor"};
    if (mqtt.discovery != MqttConfig::Discovery::off) {
        topics.push_back(mqtt.discovery_prefix + "/device/pwlog_doctor/config");
    }
    return topics;
}

/// An access list may allow each topic by its name, so that a refusal of these is only a hint.
Findings examine_access(Visit& visit, const Config& config, const BrokerOptions& broker,
                        const std::string& subject) {
    const auto filters = broker_subscriptions(config, broker);
    for (const auto& filter : filters) {
        visit.subscribe(filter);
    }
    if (visit.tells_refusals()) {
        for (const auto& topic : harmless_topics(*config.mqtt)) {
            visit.publish(topic);
        }
    }
    const auto answers = visit.answers();
    if (!answers) {
        return {not_connected(subject, answers.error().message)};
    }
    Findings findings;
    for (const auto& [topic, reason] : *answers) {
        const bool is_filter = std::find(filters.begin(), filters.end(), topic) != filters.end();
        if (!reason.empty()) {
            findings.push_back({step, is_filter ? "subscription_refused" : "topic_refused",
                                is_filter ? Verdict::fail : Verdict::warn, topic,
                                fmt::format("{} does not take it: {}", subject, reason),
                                is_filter
                                    ? "allow this user to read it in the broker's access list"
                                    : "allow this user to write below it in the broker's access "
                                      "list, if that names no topics one by one"});
        }
    }
    if (findings.empty()) {
        findings.push_back(
            {step, "broker_answers", Verdict::pass, subject,
             visit.tells_refusals()
                 ? "accepts this user, its topics and its subscriptions"
                 : "accepts this user and its subscriptions; whether it accepts topics "
                   "it cannot report (MQTT 3.1.1)"});
    }
    return findings;
}

}  // namespace

Findings examine_broker(const Config& config, const DaemonStatus* daemon) {
    if (!config.mqtt) {
        return {};
    }
    const auto subject = fmt::format("{}:{}", config.mqtt->host, config.mqtt->port);
    auto broker = broker_options(config);
    if (!broker) {  // what is wrong with the password is the secrets' finding
        return {not_judged(step, fmt::format("{}: {}", subject, broker.error().message))};
    }
    broker->client_id += "-doctor";
    broker->presence_topic.clear();
    Findings findings;
    if (Visit visit(*broker); auto connected = visit.connect()) {
        findings = examine_access(visit, config, *broker, subject);
    } else {
        findings = {not_connected(subject, connected.error().message)};
    }
    if (daemon != nullptr && daemon->mqtt && !daemon->mqtt->last_error.empty()) {
        findings.push_back({step, "publishing_fails", Verdict::fail, subject,
                            fmt::format("the daemon says: {}", daemon->mqtt->last_error),
                            "journalctl -u pwlog shows since when"});
    }
    return findings;
}

}  // namespace pwlog
