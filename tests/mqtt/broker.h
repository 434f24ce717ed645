// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mqtt/connection.h"
#include "support/system_clock.h"
#include "support/temp_dir.h"

namespace pwlog::test {

/// A real mosquitto on a free port of the loopback address, ended with the object.
class Broker {
  public:
    /// `more`: lines of its configuration.
    explicit Broker(const std::string& more = "");
    ~Broker() { kill(); }
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    /// On the same port; returns once it listens. It forgets everything in between.
    void start();
    void kill();
    void send_signal(int signal) const;
    std::uint16_t port() const { return port_; }
    /// `id`: of the client.
    BrokerOptions options(const std::string& id) const;

  private:
    bool listens() const;

    TempDir folder_;
    std::uint16_t port_;
    pid_t pid_ = -1;
};

/// Somebody else on the broker, on a thread of its own, who remembers the newest of each topic.
class Listener final : Connection::Hearer {
  public:
    explicit Listener(const Broker& broker);

    /// Waits for what comes; false where it did not within a generous time.
    bool hears(const std::string& topic, const std::string& payload);
    /// The newest on a topic as a number; -1 where there is none.
    long number(const std::string& topic);
    /// Whether a topic's newest message was one that the broker had kept.
    bool was_retained(const std::string& topic);
    std::size_t count();
    void say(const std::string& topic, const std::string& payload, bool retain);

  private:
    void received(Incoming message) override;
    void run(const std::stop_token& stop);

    std::unique_ptr<Connection> connection_;
    std::mutex mutex_;  // what follows
    std::map<std::string, Incoming> newest_;
    std::size_t count_ = 0;
    struct Wish {
        MqttMessage message;
        bool retain;
    };
    std::vector<Wish> wishes_;
    std::jthread thread_;
};

}  // namespace pwlog::test
