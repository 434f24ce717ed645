// SPDX-License-Identifier: MIT
#include "mqtt/conversation.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/stop_event.h"

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

Conversation::Conversation(const Context& context) : context_(context) {}

Result<void> Conversation::connect(const BrokerOptions& broker, Connection::Protocol protocol) {
    auto begun = Connection::begin(broker, protocol, this);
    if (!begun) {
        return pass_on(begun);
    }
    connection_ = std::move(*begun);
    return {};
}

void Conversation::received(Incoming message) {
    context_.record.received();
    context_.options.received(message);
}

Result<void> Conversation::run(const std::stop_token& stop, const std::stop_token& patience) {
    const auto& options = context_.options;
    const auto give_up = context_.clock.steady_now() + options.times.answer;
    while (!stop.stop_requested()) {
        if (auto turned = turn(until_next_look(give_up), stop); !turned) {
            return turned;
        }
        if (!connection_->is_connected() && context_.clock.steady_now() >= give_up) {
            return fail(ErrorKind::timeout,
                        fmt::format("{}:{}: no answer to CONNECT within {} ms", options.broker.host,
                                    options.broker.port, options.times.answer.count()));
        }
    }
    say_goodbye(patience);
    return {};
}

milliseconds Conversation::until_next_look(SteadyTime give_up) const {
    const auto& times = context_.options.times;
    const auto due = greeted_ ? *greeted_ + times.hold : give_up;
    return held_ ? times.look : std::min(times.look, left_until(due, context_.clock.steady_now()));
}

Result<void> Conversation::turn(milliseconds longest, const std::stop_token& stop) {
    wait(longest, stop);
    context_.outbox.news_seen();
    if (auto turned = connection_->turn(); !turned) {
        return turned;
    }
    if (connection_->is_connected() && !greeted_) {
        if (auto greeted = greet(); !greeted) {
            return greeted;
        }
    }
    if (auto sent = send(); !sent) {
        return sent;
    }
    if (auto checked = check_answers(); !checked) {
        return checked;
    }
    if (greeted_ && !held_ &&
        context_.clock.steady_now() >= *greeted_ + context_.options.times.hold) {
        holds();
    }
    return try_again();
}

/// The broker may be another one, or have forgotten all: it gets everything anew.
Result<void> Conversation::greet() {
    greeted_ = context_.clock.steady_now();
    const auto& broker = context_.options.broker;
    context_.complaints.forget();
    if (auto subscribed = subscribe(); !subscribed) {
        return subscribed;
    }
    context_.outbox.all_again();
    if (context_.early_losses.is_empty()) {
        spdlog::info("MQTT: connected to {}:{}", broker.host, broker.port);
    }
    context_.record.connected(context_.early_losses.is_empty());
    return say_present();
}

/// No state of the outbox: it is taken back by the broker itself. With QoS 2 a refusal would not
/// show.
Result<void> Conversation::say_present() {
    const auto& topic = context_.options.broker.presence_topic;
    return topic.empty() ? Result<void>{} : connection_->publish({topic, "1"}, true, 1);
}

Result<void> Conversation::subscribe() {
    const auto each = [this](const std::vector<std::string>& filters, int qos) {
        Result<void> done;
        for (auto filter = filters.begin(); done && filter != filters.end(); ++filter) {
            done = connection_->subscribe(*filter, qos);
        }
        return done;
    };
    auto done = each(context_.options.subscriptions, 1);
    // Of what has to be acknowledged mosquitto queues a thousand messages, and drops the others
    // that it keeps without a word; commands that come meanwhile, too.
    return done && context_.looks_back ? each(context_.options.first_subscriptions, 0) : done;
}

void Conversation::holds() {
    held_ = true;
    if (context_.looks_back) {
        for (const auto& filter : context_.options.first_subscriptions) {
            connection_->unsubscribe(filter);
        }
    }
    if (context_.early_losses.end()) {
        spdlog::info("MQTT: the connection to {}:{} holds now", context_.options.broker.host,
                     context_.options.broker.port);
    }
    context_.record.holds();
}

/// What was refused, as a state that stays the same and a subscription have no other occasion; at
/// once where something else is no longer refused.
Result<void> Conversation::try_again() {
    if (context_.complaints.open().empty() || context_.clock.steady_now() < second_try_) {
        return {};
    }
    second_try_ = context_.clock.steady_now() + context_.options.times.second_try;
    const auto& filters = context_.options.subscriptions;
    for (const auto& [topic, reason] : context_.complaints.open()) {
        const bool is_filter = std::find(filters.begin(), filters.end(), topic) != filters.end();
        if (is_filter || topic == context_.options.broker.presence_topic) {
            if (auto done = is_filter ? connection_->subscribe(topic) : say_present(); !done) {
                return done;
            }
        } else if (!context_.outbox.again(topic) && event_ && event_->topic == topic) {
            context_.outbox.tell(*std::exchange(event_, std::nullopt));
        }
    }
    return {};
}

/// One at a time where connections end early: what was on its way then is to blame.
std::size_t Conversation::most_unanswered() const {
    return context_.early_losses.is_empty() ? most_in_flight : 1;
}

Result<void> Conversation::send() {
    for (int i = 0; i < most_in_a_row && connection_->is_ready(most_unanswered()); ++i) {
        const auto next = context_.outbox.next();
        if (!next) {
            return {};
        }
        if (auto sent = send_one(*next); !sent) {
            return sent;
        }
    }
    return {};
}

/// Only an acknowledgement tells what a broker does not take, so the first message of each topic
/// asks for one whatever `qos` is. So does a last word, which is kept until then.
Result<void> Conversation::send_one(const Outbox::Outgoing& outgoing) {
    const auto& message = outgoing.message;
    if (context_.early_losses.is_banned(message)) {
        complain(message.topic, fmt::format("the broker ends the connection at its {} bytes",
                                            message.payload.size()));
        context_.options.too_large(message.topic);
        return {};
    }
    const bool asks = outgoing.is_last || asked_.insert(message.topic).second ||
                      !context_.early_losses.is_empty() ||
                      context_.complaints.is_open(message.topic);
    if (asks && outgoing.is_event) {
        event_ = message;
    }
    // With QoS 2 libmosquitto keeps a refusal to itself.
    const int qos = asks ? 1 : context_.options.broker.qos;
    auto published = connection_->publish(message, outgoing.retain, qos);
    if (!published && published.error().kind == ErrorKind::refused) {
        complain(message.topic, published.error().message);
        context_.options.too_large(message.topic);
        return {};
    }
    if (published) {
        context_.record.published();
    }
    return published;
}

void Conversation::answered(const std::string& topic, const std::string& reason) {
    context_.early_losses.was_taken(topic);
    const auto& first = context_.options.first_subscriptions;
    if (std::find(first.begin(), first.end(), topic) != first.end()) {
        if (!reason.empty()) {
            spdlog::warn("MQTT: what is kept below {} cannot be read: {}", topic, reason);
        }
        return;
    }
    if (!reason.empty()) {
        complain(topic, reason);
        return;
    }
    context_.outbox.was_taken(topic);
    if (context_.complaints.is_open(topic)) {
        context_.complaints.settle(topic);
        second_try_ = context_.clock.steady_now();
        context_.record.settled(context_.complaints.text());
    }
}

void Conversation::complain(const std::string& topic, const std::string& reason) {
    if (context_.complaints.open().empty()) {
        second_try_ = context_.clock.steady_now() + context_.options.times.second_try;
    }
    if (context_.complaints.add(topic, reason)) {
        spdlog::warn("MQTT: {}:{}: the broker does not take {}: {}", context_.options.broker.host,
                     context_.options.broker.port, topic, reason);
    }
    context_.record.refused(context_.complaints.text());
}

/// A broker that has forgotten to acknowledge must not end all output.
Result<void> Conversation::check_answers() {
    const auto now = context_.clock.steady_now();
    if (connection_->unanswered().size() < most_unanswered()) {
        stuck_since_.reset();
    } else if (!stuck_since_) {
        stuck_since_ = now;
    } else if (now >= *stuck_since_ + context_.options.times.acknowledgement) {
        return fail(ErrorKind::timeout,
                    fmt::format("{}:{}: no acknowledgement within {} ms",
                                context_.options.broker.host, context_.options.broker.port,
                                context_.options.times.acknowledgement.count()));
    }
    return {};
}

/// For the socket, for news in the outbox where they could go out, or for a stop.
void Conversation::wait(milliseconds longest, const std::stop_token& stop) {
    const StopEvent stopped(stop);
    const bool can_send = connection_->is_ready(most_unanswered());
    const bool is_full = can_send && context_.outbox.counters().waiting > 0;
    const auto events =
        static_cast<short>(connection_->wants_to_write() ? POLLIN | POLLOUT : POLLIN);
    std::array<pollfd, 3> waits{{{connection_->fd(), events, 0},
                                 {stopped.fd(), POLLIN, 0},
                                 {can_send ? context_.outbox.news_fd() : -1, POLLIN, 0}}};
    // EINTR is a turn for nothing.
    (void)poll(waits.data(), waits.size(), is_full ? 0 : static_cast<int>(longest.count()));
}

/// What waits still goes out, then the goodbye, as far as stop() has patience.
void Conversation::say_goodbye(const std::stop_token& patience) {
    bool said = !connection_->is_connected() || context_.options.broker.presence_topic.empty();
    bool is_leaving = !connection_->is_connected();
    while (!patience.stop_requested()) {
        const bool all_sent = !send() || context_.outbox.counters().waiting == 0;
        if (all_sent && !said) {
            said = true;
            (void)connection_->publish({context_.options.broker.presence_topic, "0"}, true, 1);
        }
        if (!connection_->turn()) {
            return;  // closed
        }
        // Behind the turn, which may have brought the last acknowledgement: nothing else would
        // come.
        if (all_sent && said && !is_leaving && connection_->unanswered().empty()) {
            connection_->leave();
            is_leaving = true;
            continue;
        }
        wait(context_.options.times.look, patience);
    }
}

}  // namespace pwlog
