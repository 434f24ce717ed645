// SPDX-License-Identifier: MIT
#include "mqtt/publisher.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/stop_event.h"
#include "base/thread.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// So many messages go out before what has come in is looked at.
constexpr int most_in_a_row = 200;
/// So many may wait for their acknowledgement.
constexpr std::size_t most_in_flight = 20;

milliseconds left_until(SteadyTime end, SteadyTime now) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(end - now));
}

}  // namespace

Publisher::Publisher(Options options, Outbox& outbox, const Clock& clock)
    : options_(std::move(options)),
      outbox_(outbox),
      clock_(clock),
      backoff_(options_.times.backoff),
      protocol_(options_.protocol) {}

Publisher::~Publisher() { stop(milliseconds(0)); }

Result<void> Publisher::start() {
    auto thread = start_thread("mqtt", [this](const std::stop_token& stop) { run(stop); });
    if (!thread) {
        return pass_on(thread);
    }
    thread_ = std::move(*thread);
    return {};
}

void Publisher::stop(milliseconds patience) {
    if (!thread_.joinable()) {
        return;
    }
    thread_.request_stop();
    const auto end = clock_.steady_now() + patience;
    {
        std::unique_lock lock(mutex_);
        ended_.wait_for(lock, left_until(end, clock_.steady_now()), [this] { return has_ended_; });
    }
    give_up_.request_stop();
    thread_.join();
}

PublisherStatus Publisher::status() const {
    const std::lock_guard lock(mutex_);
    auto status = status_;
    if (status.last_error.empty() || (status.connected && !complaint_.empty())) {
        status.last_error = complaint_;
    }
    status.outbox = outbox_.counters();
    return status;
}

void Publisher::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (auto served = serve(stop); !served) {
            was_lost(served.error());
        }
        (void)clock_.wait_until(clock_.steady_now() + backoff_.next(), stop);
    }
    const std::lock_guard lock(mutex_);
    status_.connected = false;
    has_ended_ = true;
    ended_.notify_all();
}

Connection::Handlers Publisher::handlers() {
    Connection::Handlers handlers;
    handlers.connected = [] {};
    handlers.received = [this](const Incoming& message) {
        {
            const std::lock_guard lock(mutex_);
            ++status_.received;
        }
        options_.received(message);
    };
    handlers.answered = [this](const std::string& topic, const std::string& reason) {
        answered(topic, reason);
    };
    return handlers;
}

/// With the password as it is now, and of several addresses one that takes connections.
Result<BrokerOptions> Publisher::broker_now(const std::stop_token& stop) {
    BrokerOptions& broker = options_.broker;
    if (options_.password) {
        auto password = options_.password();
        if (!password) {
            return pass_on(password);
        }
        broker.password = std::move(*password);
    }
    broker.address.clear();
    const auto addresses = options_.resolver(broker.host, broker.port);
    if (addresses && addresses->size() > 1) {
        const auto dialled =
            dial(*addresses, clock_, clock_.steady_now() + options_.times.answer, stop);
        if (!dialled) {
            return fail(dialled.error().kind, fmt::format("{}:{}: connecting: {}", broker.host,
                                                          broker.port, dialled.error().message));
        }
        broker.address = dialled->address.text();
    }
    return broker;
}

Result<void> Publisher::serve(const std::stop_token& stop) {
    greeted_.reset();
    held_ = false;
    const auto broker = broker_now(stop);
    if (!broker) {
        return pass_on(broker);
    }
    auto connection = Connection::begin(*broker, protocol_, handlers());
    if (!connection) {
        return pass_on(connection);
    }
    auto conversed = converse(**connection, stop);
    if ((*connection)->needs_mqtt311()) {
        protocol_ = Connection::Protocol::mqtt311;
    }
    if (!conversed && greeted_ && !held_) {
        early_losses_.add(**connection);
    }
    return conversed;
}

Result<void> Publisher::converse(Connection& connection, const std::stop_token& stop) {
    const auto give_up = clock_.steady_now() + options_.times.answer;
    while (!stop.stop_requested()) {
        const auto due = greeted_ ? *greeted_ + options_.times.hold : give_up;
        const auto longest =
            held_ ? options_.times.look
                  : std::min(options_.times.look, left_until(due, clock_.steady_now()));
        wait(connection, longest, stop);
        outbox_.news_seen();
        if (auto turned = connection.turn(); !turned) {
            return turned;
        }
        if (connection.is_connected() && !greeted_) {
            if (auto greeted = greet(connection); !greeted) {
                return greeted;
            }
        }
        if (auto sent = send(connection); !sent) {
            return sent;
        }
        if (auto checked = check_answers(connection); !checked) {
            return checked;
        }
        const auto now = clock_.steady_now();
        if (greeted_ && !held_ && now >= *greeted_ + options_.times.hold) {
            holds(connection);
        }
        if (auto tried = try_again(connection); !tried) {
            return tried;
        }
        if (!connection.is_connected() && now >= give_up) {
            return fail(ErrorKind::timeout, fmt::format("{}:{}: no answer to CONNECT within {} ms",
                                                        options_.broker.host, options_.broker.port,
                                                        options_.times.answer.count()));
        }
    }
    say_goodbye(connection);
    return {};
}

/// The broker may be another one, or have forgotten all: it gets everything anew.
Result<void> Publisher::greet(Connection& connection) {
    greeted_ = clock_.steady_now();
    asked_.clear();
    complaints_.forget();
    if (auto subscribed = subscribe(connection); !subscribed) {
        return subscribed;
    }
    outbox_.all_again();
    if (early_losses_.is_empty()) {
        spdlog::info("MQTT: connected to {}:{}", options_.broker.host, options_.broker.port);
        told_.clear();
    }
    {
        const std::lock_guard lock(mutex_);
        status_.connected = true;
        status_.reconnects += std::exchange(was_connected_, true) ? 1U : 0U;
        complaint_.clear();
        if (early_losses_.is_empty()) {
            status_.last_error.clear();
        }
    }
    return options_.broker.presence_topic.empty()
               ? Result<void>{}
               : connection.publish({options_.broker.presence_topic, "1"}, true,
                                    std::max(1, options_.broker.qos));
}

Result<void> Publisher::subscribe(Connection& connection) {
    auto filters = options_.subscriptions;
    if (!looked_back_) {
        const auto& first = options_.first_subscriptions;
        filters.insert(filters.end(), first.begin(), first.end());
    }
    for (const auto& filter : filters) {
        if (auto subscribed = connection.subscribe(filter); !subscribed) {
            return subscribed;
        }
    }
    return {};
}

/// Only now: two clients of one id would otherwise throw each other out as fast as they can.
void Publisher::holds(Connection& connection) {
    held_ = true;
    if (!std::exchange(looked_back_, true)) {
        for (const auto& filter : options_.first_subscriptions) {
            connection.unsubscribe(filter);
        }
    }
    backoff_.reset();
    told_.clear();
    if (early_losses_.end()) {
        spdlog::info("MQTT: the connection to {}:{} holds now", options_.broker.host,
                     options_.broker.port);
    }
    const std::lock_guard lock(mutex_);
    status_.last_error.clear();
}

/// What was refused, as a state that stays the same and a subscription have no other occasion; at
/// once where something else is no longer refused.
Result<void> Publisher::try_again(Connection& connection) {
    if (complaints_.open().empty() || clock_.steady_now() < second_try_) {
        return {};
    }
    second_try_ = clock_.steady_now() + options_.times.second_try;
    const auto& filters = options_.subscriptions;
    for (const auto& [topic, reason] : complaints_.open()) {
        if (std::find(filters.begin(), filters.end(), topic) != filters.end()) {
            if (auto subscribed = connection.subscribe(topic); !subscribed) {
                return subscribed;
            }
        } else if (!outbox_.again(topic) && event_ && event_->topic == topic) {
            outbox_.tell(*std::exchange(event_, std::nullopt));
        }
    }
    return {};
}

/// One at a time where connections end early: what was on its way then is to blame.
std::size_t Publisher::most_unanswered() const {
    return early_losses_.is_empty() ? most_in_flight : 1;
}

Result<void> Publisher::send(Connection& connection) {
    for (int i = 0; i < most_in_a_row && connection.is_ready(most_unanswered()); ++i) {
        const auto next = outbox_.next();
        if (!next) {
            return {};
        }
        if (auto sent = send_one(connection, *next); !sent) {
            return sent;
        }
    }
    return {};
}

/// Only an acknowledgement tells what a broker does not take, so the first message of each topic
/// asks for one whatever `qos` is.
Result<void> Publisher::send_one(Connection& connection, const Outbox::Outgoing& outgoing) {
    const auto& message = outgoing.message;
    if (early_losses_.is_banned(message)) {
        complain(message.topic, fmt::format("the broker ends the connection at its {} bytes",
                                            message.payload.size()));
        options_.too_large(message.topic);
        return {};
    }
    const bool asks = asked_.insert(message.topic).second || !early_losses_.is_empty() ||
                      complaints_.is_open(message.topic);
    if (asks && outgoing.is_event) {
        event_ = message;
    }
    // With QoS 2 libmosquitto keeps a refusal to itself.
    const int qos = asks ? 1 : options_.broker.qos;
    auto published = connection.publish(message, outgoing.retain, qos);
    if (!published && published.error().kind == ErrorKind::refused) {
        complain(message.topic, published.error().message);
        options_.too_large(message.topic);
        return {};
    }
    if (published) {
        const std::lock_guard lock(mutex_);
        ++status_.published;
    }
    return published;
}

void Publisher::answered(const std::string& topic, const std::string& reason) {
    early_losses_.was_taken(topic);
    const auto& first = options_.first_subscriptions;
    if (std::find(first.begin(), first.end(), topic) != first.end()) {
        return;
    }
    if (!reason.empty()) {
        complain(topic, reason);
    } else if (complaints_.is_open(topic)) {
        complaints_.settle(topic);
        second_try_ = clock_.steady_now();
        const std::lock_guard lock(mutex_);
        complaint_ = complaints_.text();
    }
}

void Publisher::complain(const std::string& topic, const std::string& reason) {
    if (complaints_.open().empty()) {
        second_try_ = clock_.steady_now() + options_.times.second_try;
    }
    if (complaints_.add(topic, reason)) {
        spdlog::warn("MQTT: {}:{}: the broker does not take {}: {}", options_.broker.host,
                     options_.broker.port, topic, reason);
    }
    const std::lock_guard lock(mutex_);
    ++status_.refused;
    complaint_ = complaints_.text();
}

/// A broker that has forgotten to acknowledge must not end all output.
Result<void> Publisher::check_answers(const Connection& connection) {
    const auto now = clock_.steady_now();
    if (connection.unanswered().size() < most_unanswered()) {
        stuck_since_.reset();
    } else if (!stuck_since_) {
        stuck_since_ = now;
    } else if (now >= *stuck_since_ + options_.times.acknowledgement) {
        stuck_since_.reset();
        return fail(ErrorKind::timeout,
                    fmt::format("{}:{}: no acknowledgement within {} ms", options_.broker.host,
                                options_.broker.port, options_.times.acknowledgement.count()));
    }
    return {};
}

/// For the socket, for news in the outbox where they could go out, or for a stop.
void Publisher::wait(const Connection& connection, milliseconds longest,
                     const std::stop_token& stop) {
    const StopEvent stopped(stop);
    const bool can_send = connection.is_ready(most_unanswered());
    const bool is_full = can_send && outbox_.counters().waiting > 0;
    const auto events = static_cast<short>(connection.wants_to_write() ? POLLIN | POLLOUT : POLLIN);
    std::array<pollfd, 3> waits{{{connection.fd(), events, 0},
                                 {stopped.fd(), POLLIN, 0},
                                 {can_send ? outbox_.news_fd() : -1, POLLIN, 0}}};
    // EINTR is a turn for nothing.
    (void)poll(waits.data(), waits.size(), is_full ? 0 : static_cast<int>(longest.count()));
}

/// What waits still goes out, then the goodbye, as far as stop() has patience.
void Publisher::say_goodbye(Connection& connection) {
    const auto patience = give_up_.get_token();
    bool said = !connection.is_connected() || options_.broker.presence_topic.empty();
    bool is_leaving = !connection.is_connected();
    while (!patience.stop_requested()) {
        const bool all_sent = !send(connection) || outbox_.counters().waiting == 0;
        if (all_sent && !said) {
            said = true;
            (void)connection.publish({options_.broker.presence_topic, "0"}, true, 1);
        }
        if (all_sent && said && !is_leaving && connection.unanswered().empty()) {
            connection.leave();
            is_leaving = true;
        }
        if (!connection.turn()) {
            return;  // closed
        }
        wait(connection, options_.times.look, patience);
    }
}

/// Said once for each cause, however often it is tried again.
void Publisher::was_lost(const Error& error) {
    std::string message = error.message;
    if (held_) {
        early_losses_.lift_bans();
    } else if (greeted_) {
        message += early_losses_.suspicion(options_.broker.client_id);
    }
    const std::lock_guard lock(mutex_);
    status_.connected = false;
    status_.last_error = message;
    if (std::exchange(told_, message) != message) {
        spdlog::warn("MQTT: {}", message);
    }
}

}  // namespace pwlog
