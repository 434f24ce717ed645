#include "mqtt/publisher.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/stop_event.h"

namespace pwlog {
namespace {

using std::chrono::milliseconds;

/// So many messages go out before what has come in is looked at.
constexpr int most_in_a_row = 200;

std::function<double()> random_source() {
    return [engine = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
    };
}

milliseconds left_until(SteadyTime end, SteadyTime now) {
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(end - now));
}

}  // namespace

Publisher::Publisher(Options options, Outbox& outbox, const Clock& clock)
    : options_(std::move(options)),
      outbox_(outbox),
      clock_(clock),
      backoff_(options_.times.backoff, random_source()) {}

Publisher::~Publisher() { stop(milliseconds(0)); }

void Publisher::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
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

Result<void> Publisher::serve(const std::stop_token& stop) {
    Connection::Handlers handlers;
    handlers.connected = [] {};
    handlers.received = [this](const Incoming& message) {
        {
            const std::lock_guard lock(mutex_);
            ++status_.received;
        }
        options_.received(message);
    };
    auto connection = Connection::begin(options_.broker, protocol_, std::move(handlers));
    if (!connection) {
        return pass_on(connection);
    }
    greeted_ = false;
    auto conversed = converse(**connection, stop);
    if ((*connection)->needs_mqtt311()) {
        protocol_ = Connection::Protocol::mqtt311;
    }
    return conversed;
}

Result<void> Publisher::converse(Connection& connection, const std::stop_token& stop) {
    const auto give_up = clock_.steady_now() + options_.times.answer;
    while (!stop.stop_requested()) {
        const auto longest =
            connection.is_connected()
                ? options_.times.look
                : std::min(options_.times.look, left_until(give_up, clock_.steady_now()));
        wait(connection, longest, stop);
        outbox_.news_seen();
        if (auto turned = connection.turn(); !turned) {
            return turned;
        }
        if (connection.is_connected() && !std::exchange(greeted_, true)) {
            if (auto greeted = greet(connection); !greeted) {
                return greeted;
            }
        }
        if (auto sent = send(connection); !sent) {
            return sent;
        }
        if (!connection.is_connected() && clock_.steady_now() >= give_up) {
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
    backoff_.reset();
    for (const auto& filter : options_.subscriptions) {
        if (auto subscribed = connection.subscribe(filter); !subscribed) {
            return subscribed;
        }
    }
    outbox_.all_again();
    spdlog::info("MQTT: connected to {}:{}", options_.broker.host, options_.broker.port);
    {
        const std::lock_guard lock(mutex_);
        status_.connected = true;
        status_.reconnects += std::exchange(was_connected_, true) ? 1U : 0U;
        status_.last_error.clear();
    }
    return options_.broker.presence_topic.empty()
               ? Result<void>{}
               : connection.publish({options_.broker.presence_topic, "1"}, true);
}

Result<void> Publisher::send(Connection& connection) {
    for (int i = 0; i < most_in_a_row && connection.is_ready(); ++i) {
        const auto next = outbox_.next();
        if (!next) {
            return {};
        }
        if (auto published = connection.publish(next->message, next->retain); !published) {
            return published;
        }
        const std::lock_guard lock(mutex_);
        ++status_.published;
    }
    return {};
}

/// For the socket, for news in the outbox where they could go out, or for a stop.
void Publisher::wait(const Connection& connection, milliseconds longest,
                     const std::stop_token& stop) {
    const StopEvent stopped(stop);
    const bool can_send = connection.is_ready();
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
    bool is_leaving = !connection.is_connected();
    while (!patience.stop_requested()) {
        if (!is_leaving && (!send(connection) || outbox_.counters().waiting == 0)) {
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
    const std::lock_guard lock(mutex_);
    status_.connected = false;
    if (std::exchange(status_.last_error, error.message) != error.message) {
        spdlog::warn("MQTT: {}", error.message);
    }
}

}  // namespace pwlog
