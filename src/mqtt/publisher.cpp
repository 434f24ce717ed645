// SPDX-License-Identifier: MIT
#include "mqtt/publisher.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/thread.h"
#include "mqtt/conversation.h"

namespace pwlog {

using std::chrono::milliseconds;

Publisher::Publisher(Options options, Outbox& outbox, const Clock& clock)
    : options_(std::move(options)),
      outbox_(outbox),
      clock_(clock),
      backoff_(options_.times.backoff),
      protocol_(options_.protocol),
      addresses_(options_.resolver) {}

Publisher::~Publisher() { stop(milliseconds(0)); }

Result<void> Publisher::start() {
    return start_thread(thread_, "mqtt", [this](const std::stop_token& stop) { run(stop); });
}

void Publisher::stop(milliseconds patience) {
    if (!thread_.joinable()) {
        return;
    }
    thread_.request_stop();
    const auto end = clock_.steady_now() + patience;
    {
        std::unique_lock lock(mutex_);
        ended_.wait_for(lock, end - clock_.steady_now(), [this] { return has_ended_; });
    }
    give_up_.request_stop();
    thread_.join();
}

PublisherStatus Publisher::status() const {
    auto status = record_.status();
    status.outbox = outbox_.counters();
    return status;
}

void Publisher::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (auto served = serve(stop); !served && !stop.stop_requested()) {
            was_lost(served.error());
        }
        (void)clock_.wait_until(clock_.steady_now() + backoff_.next(), stop);
    }
    record_.ended();
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    ended_.notify_all();
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
    const auto end = clock_.steady_now() + options_.times.answer;
    if (auto chosen = addresses_.choose(broker, clock_, end, stop); !chosen) {
        return pass_on(chosen);
    }
    return broker;
}

Result<void> Publisher::serve(const std::stop_token& stop) {
    const auto broker = broker_now(stop);
    if (!broker) {
        return pass_on(broker);
    }
    Conversation conversation(
        {options_, outbox_, clock_, early_losses_, complaints_, record_, !looked_back_});
    if (auto connected = conversation.connect(*broker, protocol_); !connected) {
        return connected;
    }
    auto ended = conversation.run(stop, give_up_.get_token());
    if (conversation.connection().needs_mqtt311()) {
        protocol_ = Connection::Protocol::mqtt311;
    } else if (!stop.stop_requested()) {
        addresses_.turned_out(conversation.was_accepted());
    }
    if (conversation.was_accepted() && early_losses_.is_empty()) {
        told_.clear();
    }
    if (conversation.has_held()) {  // only now: two clients of one id would otherwise throw each
        looked_back_ = true;        // other out as fast as they can
        backoff_.reset();
        early_losses_.lift_bans();
    } else if (!ended && conversation.was_accepted()) {
        early_losses_.add(conversation.connection());
        ended.error().message += early_losses_.suspicion(options_.broker.client_id);
    }
    return ended;
}

/// Said once for each cause, however often it is tried again.
void Publisher::was_lost(const Error& error) {
    record_.lost(error.message);
    if (std::exchange(told_, error.message) != error.message) {
        spdlog::warn("MQTT: {}", error.message);
    }
}

}  // namespace pwlog
