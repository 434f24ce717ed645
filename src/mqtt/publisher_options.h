// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/dial.h"
#include "elastic/backoff.h"
#include "mqtt/connection.h"

namespace pwlog {

struct PublisherTimes {
    /// For the broker to accept us.
    std::chrono::milliseconds answer = std::chrono::seconds(10);
    Backoff::Options backoff{.shortest = std::chrono::milliseconds(100),
                             .first = std::chrono::milliseconds(500),
                             .ceiling = std::chrono::seconds(30)};
    /// How often libmosquitto may look after its keep-alive.
    std::chrono::milliseconds look = std::chrono::seconds(5);
    /// A connection that has lasted as long is a good one: what went wrong before is over.
    std::chrono::milliseconds hold = std::chrono::seconds(30);
    /// For a message's acknowledgement, where others wait for it.
    std::chrono::milliseconds acknowledgement = std::chrono::seconds(30);
    /// Until what was refused is tried again: an access list may have changed.
    std::chrono::milliseconds second_try = std::chrono::seconds(60);
};

struct PublisherOptions {
    BrokerOptions broker;
    /// Reads the password anew for each connection: it may have been changed. Null: it stays.
    std::function<Result<Secret>()> password{};
    Resolver resolver = look_up;
    std::vector<std::string> subscriptions{};
    /// For what the broker has kept of earlier days: until the first connection has held, and
    /// one that forbids them does no harm.
    std::vector<std::string> first_subscriptions{};
    /// Called from the publisher's thread; must return soon.
    std::function<void(const Incoming&)> received = [](const Incoming&) {};
    /// A message that is larger than this broker takes. The same thread.
    std::function<void(const std::string& topic)> too_large = [](const std::string&) {};
    /// The first one tried.
    Connection::Protocol protocol = Connection::Protocol::mqtt5;
    PublisherTimes times{};
};

}  // namespace pwlog
