// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "mqtt/broker_tls.h"
#include "mqtt/message.h"

namespace pwlog {

/// Which broker, and who we are there.
struct BrokerOptions {
    std::string host;
    std::uint16_t port = 1883;
    std::string client_id;
    std::string username;  ///< empty: none
    Secret password;
    /// One of the host's addresses, to connect to (BrokerAddresses); empty: `host` is one itself.
    std::string address{};
    bool tls = false;
    std::string ca_file;  ///< empty: the system's authorities
    std::string client_cert;
    std::string client_key;
    int qos = 0;
    /// Retained, and the broker's to say once we are gone: `0`. We say `1` when we come.
    std::string presence_topic;  ///< empty: we come and go unsaid
    std::chrono::seconds keep_alive{30};
};

/// A message from the broker.
struct Incoming {
    std::string topic;
    std::string payload;
    /// It was, or is to be, kept by the broker: not somebody's wish of this moment.
    bool retained = false;
};

/// One connection to a broker, from its beginning to its end; after that make another one. One
/// thread: nothing happens outside of turn(), and nothing there waits.
class Connection {
  public:
    enum class Protocol { mqtt5, mqtt311 };

    /// Who hears what the broker says; called from turn().
    class Hearer {
      public:
        virtual ~Hearer() = default;
        virtual void received(Incoming) {}
        /// The broker has said what it thinks of a message, or of a subscription's filter: an empty
        /// reason where it has taken it. Only of what was sent with QoS 1 or 2.
        virtual void answered(const std::string& /*topic*/, const std::string& /*reason*/) {}
    };

    /// Begins to connect. `hearer` must outlive it; null: nobody. Errors: `invalid` for what
    /// options cannot mean, `unavailable`.
    static Result<std::unique_ptr<Connection>> begin(const BrokerOptions& options,
                                                     Protocol protocol, Hearer* hearer = nullptr);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// What poll() is to wait for.
    int fd() const;
    bool wants_to_write() const;

    /// Does what can be done now. An error is the connection's end.
    Result<void> turn();

    bool is_connected() const { return connected_; }
    /// The broker is one of those that only know MQTT 3.1.1.
    bool needs_mqtt311() const { return needs_mqtt311_; }
    /// Another client has come with our client id.
    bool was_taken_over() const { return taken_over_; }
    /// There is room for another message: the socket takes them, and no more than `most` wait for
    /// their acknowledgement.
    bool is_ready(std::size_t most) const;

    struct Unanswered {
        std::string topic;
        std::size_t bytes;
    };
    /// What the broker has not acknowledged, by the library's number for it.
    const std::map<int, Unanswered>& unanswered() const { return unanswered_; }

    /// `refused`: this broker can never take it, and it was not sent; the connection goes on.
    Result<void> publish(const MqttMessage& message, bool retain, int qos);
    Result<void> subscribe(const std::string& filter, int qos = 1);
    void unsubscribe(const std::string& filter);
    /// Without the last will; turn() until it errs. Nothing may be unanswered: an acknowledgement
    /// that nobody reads makes the system drop what the broker has not read yet.
    void leave();

    /// What libmosquitto calls back through; its own header stays in one source file.
    struct Callbacks;

  private:
    struct Handle;
    Connection(BrokerOptions options, Hearer* hearer);
    Result<void> set_up(Protocol protocol);
    Result<void> outcome(int code, const std::string& tried) const;
    std::string hint(int code) const;

    BrokerOptions options_;
    Hearer* hearer_;
    bool connected_ = false;
    bool greeted_ = false;  // it was connected once
    bool needs_mqtt311_ = false;
    bool taken_over_ = false;
    std::map<int, Unanswered> unanswered_;
    std::uint32_t largest_packet_ = 0;  // that the broker takes; 0: it did not say
    std::string last_word_;             // what the broker, or TLS, last said to be wrong
    std::unique_ptr<BrokerTls> tls_;
    std::unique_ptr<Handle> handle_;  // last: it uses the others
};

}  // namespace pwlog
