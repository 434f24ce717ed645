// SPDX-License-Identifier: MIT
#include "mqtt/connection.h"

#include <fmt/format.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <cerrno>
#include <system_error>

#include "base/printable.h"

namespace pwlog {
namespace {

/// libmosquitto counts its users itself.
struct Library {
    Library() { mosquitto_lib_init(); }
    ~Library() { mosquitto_lib_cleanup(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

std::string text_of(int code) {
    return code == MOSQ_ERR_ERRNO ? std::generic_category().message(errno)
                                  : std::string(mosquitto_strerror(code));
}

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

struct Connection::Handle {
    struct Deleter {
        void operator()(mosquitto* handle) const { mosquitto_destroy(handle); }
    };
    Library library;
    std::unique_ptr<mosquitto, Deleter> client;
};

struct Connection::Callbacks {
    static void connected(mosquitto*, void* self, int reason, int,
                          const mosquitto_property* properties) {
        auto& connection = *static_cast<Connection*>(self);
        if (reason == 0) {
            mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
                                          &connection.largest_packet_, false);
            connection.connected_ = true;
            connection.greeted_ = true;
            return;
        }
        connection.needs_mqtt311_ = reason == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION;
        // Codes from 128 are MQTT 5's; below are 3.1.1's.
        connection.last_word_ =
            fmt::format("refused: {}", reason >= 128 ? mosquitto_reason_string(reason)
                                                     : mosquitto_connack_string(reason));
    }
    static void disconnected(mosquitto*, void* self, int reason, const mosquitto_property*) {
        auto& connection = *static_cast<Connection*>(self);
        connection.connected_ = false;
        if (reason >= 128) {  // the broker said why
            connection.last_word_ = mosquitto_reason_string(reason);
            connection.taken_over_ = reason == MQTT_RC_SESSION_TAKEN_OVER;
        }
    }
    static void answered(Connection& connection, int id, int reason) {
        const auto asked = connection.unanswered_.extract(id);
        if (asked && connection.hearer_ != nullptr) {
            connection.hearer_->answered(asked.mapped().topic,
                                         reason >= 128 ? mosquitto_reason_string(reason) : "");
        }
    }
    static void published(mosquitto*, void* self, int id, int reason, const mosquitto_property*) {
        answered(*static_cast<Connection*>(self), id, reason);
    }
    static void subscribed(mosquitto*, void* self, int id, int count, const int* granted,
                           const mosquitto_property*) {
        // MQTT 3.1.1 only knows 128: failure.
        answered(*static_cast<Connection*>(self), id, count > 0 ? granted[0] : 0);
    }
    static void received(mosquitto*, void* self, const mosquitto_message* message,
                         const mosquitto_property*) {
        if (auto* const hearer = static_cast<Connection*>(self)->hearer_) {
            hearer->received({message->topic,
                              std::string(static_cast<const char*>(message->payload),
                                          static_cast<std::size_t>(message->payloadlen)),
                              message->retain});
        }
    }
    /// The only place where libmosquitto says what is wrong with TLS.
    static void logged(mosquitto*, void* self, int level, const char* text) {
        if (level == MOSQ_LOG_ERR || level == MOSQ_LOG_WARNING) {
            static_cast<Connection*>(self)->last_word_ = printable(text);
        }
    }
};

Connection::Connection(BrokerOptions options, Hearer* hearer)
    : options_(std::move(options)), hearer_(hearer), handle_(std::make_unique<Handle>()) {}

Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::begin(const BrokerOptions& options,
                                                      Protocol protocol, Hearer* hearer) {
    std::unique_ptr<Connection> connection(new Connection(options, hearer));
    if (auto ready = connection->set_up(protocol); !ready) {
        return pass_on(ready);
    }
    const auto& address = options.address.empty() ? options.host : options.address;
    const int code =
        mosquitto_connect_async(connection->handle_->client.get(), address.c_str(), options.port,
                                static_cast<int>(options.keep_alive.count()));
    if (auto begun = connection->outcome(code, "connecting"); !begun) {
        return pass_on(begun);
    }
    return connection;
}

Result<void> Connection::set_up(Protocol protocol) {
    handle_->client.reset(mosquitto_new(options_.client_id.c_str(), true, this));
    mosquitto* const client = handle_->client.get();
    if (client == nullptr) {
        return fail(ErrorKind::invalid, fmt::format("\"{}\" cannot be a client id: {}",
                                                    options_.client_id, text_of(MOSQ_ERR_ERRNO)));
    }
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION,
                         protocol == Protocol::mqtt5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_connect_v5_callback_set(client, Callbacks::connected);
    mosquitto_disconnect_v5_callback_set(client, Callbacks::disconnected);
    mosquitto_publish_v5_callback_set(client, Callbacks::published);
    mosquitto_subscribe_v5_callback_set(client, Callbacks::subscribed);
    mosquitto_message_v5_callback_set(client, Callbacks::received);
    mosquitto_log_callback_set(client, Callbacks::logged);
    if (!options_.username.empty()) {
        const std::string password(options_.password.reveal());
        mosquitto_username_pw_set(client, options_.username.c_str(), or_null(password));
    }
    const int will = options_.presence_topic.empty()
                         ? MOSQ_ERR_SUCCESS
                         : mosquitto_will_set(client, options_.presence_topic.c_str(), 1, "0",
                                              options_.qos, true);
    if (will != MOSQ_ERR_SUCCESS) {
        return fail(ErrorKind::invalid, fmt::format("\"{}\" cannot be a topic: {}",
                                                    options_.presence_topic, text_of(will)));
    }
    if (options_.tls) {
        auto tls = BrokerTls::make(options_);
        if (!tls) {
            return pass_on(tls);
        }
        tls_ = std::move(*tls);
        mosquitto_int_option(client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
        mosquitto_void_option(client, MOSQ_OPT_SSL_CTX, tls_->context());
    }
    return {};
}

Result<void> Connection::outcome(int code, const std::string& tried) const {
    if (code == MOSQ_ERR_SUCCESS) {
        return {};
    }
    const bool is_stranger = tls_ && !tls_->refusal().empty();
    const std::string why = is_stranger          ? tls_->refusal()
                            : last_word_.empty() ? text_of(code)
                                                 : last_word_;
    return fail(ErrorKind::unavailable, fmt::format("{}:{}: {}: {}{}", options_.host, options_.port,
                                                    tried, why, hint(code)));
}

/// TLS and plain MQTT do not understand each other, and neither says so.
std::string Connection::hint(int code) const {
    const bool was_reset = code == MOSQ_ERR_ERRNO && errno == ECONNRESET;
    const bool ended = code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_PROTOCOL ||
                       code == MOSQ_ERR_MALFORMED_PACKET || was_reset;
    if (greeted_ || last_word_.starts_with("refused: ")) {
        return {};
    }
    if (!options_.tls && ended) {
        return ": if the broker uses TLS on this port (usually 8883), set tls = true";
    }
    const bool about_certificate =
        (tls_ && !tls_->refusal().empty()) || last_word_.find("certificate") != std::string::npos;
    // Where the broker hangs up, libmosquitto's code is another one, and its words are OpenSSL's.
    const bool tls_failed =
        code == MOSQ_ERR_TLS || last_word_.find("SSL routines") != std::string::npos;
    if (options_.tls && (ended || (tls_failed && !about_certificate))) {
        return ": if the broker speaks no TLS on this port (1883 by custom), take its port for "
               "TLS, or set tls = false";
    }
    return {};
}

int Connection::fd() const { return mosquitto_socket(handle_->client.get()); }

bool Connection::wants_to_write() const { return mosquitto_want_write(handle_->client.get()); }

Result<void> Connection::turn() {
    return outcome(mosquitto_loop(handle_->client.get(), 0, 1),
                   connected_ ? "connection lost" : "connecting");
}

bool Connection::is_ready(std::size_t most) const {
    return connected_ && !wants_to_write() && unanswered_.size() < most;
}

Result<void> Connection::publish(const MqttMessage& message, bool retain, int qos) {
    int id = 0;
    const int code = mosquitto_publish(handle_->client.get(), &id, message.topic.c_str(),
                                       static_cast<int>(message.payload.size()),
                                       message.payload.data(), qos, retain);
    switch (code) {
        case MOSQ_ERR_SUCCESS:
            if (qos > 0) {
                unanswered_[id] = {message.topic, message.payload.size()};
            }
            return {};
        case MOSQ_ERR_QOS_NOT_SUPPORTED:
            return publish(message, retain, qos - 1);
        case MOSQ_ERR_OVERSIZE_PACKET:
            return fail(ErrorKind::refused,
                        fmt::format("it has {} bytes, and the broker accepts no more than {}",
                                    message.payload.size(), largest_packet_));
        case MOSQ_ERR_PAYLOAD_SIZE:
        case MOSQ_ERR_MALFORMED_UTF8:
        case MOSQ_ERR_INVAL:
            return fail(ErrorKind::refused, text_of(code));
        default:
            return outcome(code, "publishing on " + message.topic);
    }
}

Result<void> Connection::subscribe(const std::string& filter, int qos) {
    int id = 0;
    // With MQTT 5 a message says whether its sender wanted it kept, not only whether it was.
    auto asked = outcome(mosquitto_subscribe_v5(handle_->client.get(), &id, filter.c_str(), qos,
                                                MQTT_SUB_OPT_RETAIN_AS_PUBLISHED, nullptr),
                         "subscribing to " + filter);
    if (asked) {
        unanswered_[id] = {filter, 0};
    }
    return asked;
}

void Connection::unsubscribe(const std::string& filter) {
    mosquitto_unsubscribe(handle_->client.get(), nullptr, filter.c_str());
}

void Connection::leave() { mosquitto_disconnect(handle_->client.get()); }

}  // namespace pwlog
