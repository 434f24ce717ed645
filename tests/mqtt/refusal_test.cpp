// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>

#include "broker.h"
#include "mqtt/publisher.h"
#include "support/eventually.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

struct RefusedPublisher {
    explicit RefusedPublisher(const Broker& broker, Connection::Protocol protocol,
                              std::vector<std::string> subscriptions = {}, int qos = 0,
                              std::chrono::milliseconds second_try = 60s)
        : outbox(true) {
        spdlog::set_level(spdlog::level::off);
        Publisher::Options options;
        options.broker = broker.options("pwlog");
        options.broker.qos = qos;
        options.subscriptions = std::move(subscriptions);
        options.protocol = protocol;
        options.too_large = [this](const std::string& topic) {
            const std::lock_guard lock(mutex);
            too_large.insert(topic);
        };
        options.times.backoff = {.shortest = 1ms, .first = 10ms, .ceiling = 2s};
        options.times.second_try = second_try;
        publisher = std::make_unique<Publisher>(std::move(options), outbox, system_clock);
        REQUIRE(publisher->start());
    }
    PublisherStatus status() const { return publisher->status(); }

    Outbox outbox;
    std::mutex mutex;
    std::set<std::string> too_large;
    std::unique_ptr<Publisher> publisher;  // last: its thread uses the others
};

/// A broker with an access list.
struct Guarded {
    explicit Guarded(const std::string& rules)
        : folder(),
          file(folder.write("acl", rules)),
          broker((std::filesystem::permissions(folder.path(), std::filesystem::perms(0755)),
                  std::filesystem::permissions(folder.path() / "acl", std::filesystem::perms(0644)),
                  "acl_file " + (folder.path() / "acl").string() + "\n")) {}
    TempDir folder;
    std::filesystem::path file;
    Broker broker;
};

}  // namespace

TEST_CASE("a message that is larger than the broker takes is dropped, and all else flows on",
          "[mqtt]") {
    for (const auto protocol : {Connection::Protocol::mqtt5, Connection::Protocol::mqtt311}) {
        const Broker broker("max_packet_size 4096\n");
        RefusedPublisher served(broker, protocol);
        Listener listener(broker);
        served.outbox.set({"a", "1"});
        served.outbox.keep({"large", std::string(20'000, 'x')});
        served.outbox.set({"z", "1"});
        INFO(served.status().last_error);
        CHECK(eventually([&] { return served.status().refused > 0; }));
        CHECK(listener.hears("z", "1"));
        served.outbox.set({"z", "2"});
        CHECK(listener.hears("z", "2"));
        CHECK(listener.number("large") == -1);
        CHECK(has(served.status().last_error, "large"));
        CHECK(eventually([&] {
            const std::lock_guard lock(served.mutex);
            return served.too_large == std::set<std::string>{"large"};
        }));
        // MQTT 5 says the limit; else it takes a few connections to find out.
        CHECK(served.status().reconnects <= (protocol == Connection::Protocol::mqtt5 ? 0U : 4U));
        served.outbox.keep({"large", "small now"});
        CHECK(listener.hears("large", "small now"));
    }
}

TEST_CASE("what an access list forbids is told while the connection lasts, and until it is allowed",
          "[mqtt]") {
    for (const int qos : {0, 1, 2}) {
        INFO("qos " << qos);
        Guarded guarded("topic readwrite $CONNECTED/#\ntopic readwrite #\ntopic deny Q/#\n");
        RefusedPublisher served(guarded.broker, Connection::Protocol::mqtt5, {}, qos);
        Listener listener(guarded.broker);
        for (int i = 0; i < 50; ++i) {
            served.outbox.set({"Q/" + std::to_string(i), "1"});
        }
        served.outbox.set({"P/state", "1"});
        CHECK(listener.hears("P/state", "1"));
        CHECK(eventually([&] { return served.status().refused >= 50; }));
        const auto status = served.status();
        CHECK(status.connected);
        INFO(status.last_error);
        CHECK(has(status.last_error, "Q/0: Not authorized (and 49 more topics)"));
        guarded.folder.write("acl", "topic readwrite $CONNECTED/#\ntopic readwrite #\n");
        guarded.broker.send_signal(SIGHUP);
        CHECK(eventually([&] {
            for (int i = 0; i < 50; ++i) {
                served.outbox.set({"Q/" + std::to_string(i), "2"});
            }
            return served.status().last_error.empty();
        }));
        CHECK(listener.hears("Q/49", "2"));
        CHECK(served.status().reconnects == 0);
    }
}

TEST_CASE("a state that stays as it is goes out once it may, and so does the newest event",
          "[mqtt]") {
    Guarded guarded("topic readwrite $CONNECTED/#\ntopic readwrite #\ntopic deny Q/#\n");
    RefusedPublisher served(guarded.broker, Connection::Protocol::mqtt5, {}, 0, 50ms);
    Listener listener(guarded.broker);
    served.outbox.keep({"Q/kept", "1"});  // and never again
    served.outbox.tell({"Q/event", "happened"});
    CHECK(eventually([&] { return served.status().refused >= 4; }));  // tried more than once
    CHECK(listener.number("Q/kept") == -1);
    guarded.folder.write("acl", "topic readwrite $CONNECTED/#\ntopic readwrite #\n");
    guarded.broker.send_signal(SIGHUP);
    CHECK(listener.hears("Q/kept", "1"));
    CHECK(listener.hears("Q/event", "happened"));
    CHECK(eventually([&] { return served.status().last_error.empty(); }));
    CHECK(served.status().reconnects == 0);
}

TEST_CASE("a presence that is refused is said once it may be", "[mqtt]") {
    const int qos = GENERATE(0, 2);
    Guarded guarded("topic readwrite #\n");  // which has no topic that begins with $
    RefusedPublisher served(guarded.broker, Connection::Protocol::mqtt5, {}, qos, 50ms);
    CHECK(eventually([&] { return has(served.status().last_error, "$CONNECTED/pwlog"); }));
    guarded.folder.write("acl", "topic readwrite $CONNECTED/#\ntopic readwrite #\n");
    guarded.broker.send_signal(SIGHUP);
    CHECK(eventually([&] { return served.status().last_error.empty(); }));
    Listener listener(guarded.broker);
    CHECK(listener.hears("$CONNECTED/pwlog", "1"));
    CHECK(served.status().reconnects == 0);
}

TEST_CASE("a subscription that is refused is told, and made once it is allowed", "[mqtt]") {
    const TempDir folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    const auto rules = folder.write(
        "rules.json",
        R"({"defaultACLAccess":{"publishClientSend":true,"publishClientReceive":true,)"
        R"("subscribe":false,"unsubscribe":true},"roles":[{"rolename":"admin","acls":[)"
        R"({"acltype":"publishClientSend","topic":"$CONTROL/dynamic-security/#",)"
        R"("allow":true}]}],"groups":[{"groupname":"all","roles":[)"
        R"({"rolename":"admin"}]}],"anonymousGroup":"all"})");
    std::filesystem::permissions(rules, std::filesystem::perms(0644));
    const auto allow = [](bool may_subscribe) {
        return MqttMessage{"$CONTROL/dynamic-security/v1",
                           std::string(R"({"commands":[{"command":"setDefaultACLAccess","acls":[)"
                                       R"({"acltype":"subscribe","allow":)") +
                               (may_subscribe ? "true" : "false") + "}]}]}"};
    };
    const Broker broker("plugin " PWLOG_MOSQUITTO_ACL "\nplugin_opt_config_file " + rules.string() +
                        "\n");
    for (const auto protocol : {Connection::Protocol::mqtt5, Connection::Protocol::mqtt311}) {
        RefusedPublisher served(broker, protocol, {"P/+/set"}, 0, 50ms);
        CHECK(eventually([&] { return has(served.status().last_error, "P/+/set"); }));
        CHECK(served.status().connected);
        const auto refused = served.status().refused;
        CHECK(eventually([&] { return served.status().refused > refused; }));  // it is tried again
        CHECK(served.status().received == 0);
        served.outbox.tell(allow(true));
        CHECK(eventually([&] { return served.status().last_error.empty(); }));
        served.outbox.tell({"P/1/set", "ON"});
        CHECK(eventually([&] { return served.status().received > 0; }));
        CHECK(served.status().reconnects == 0);
        served.outbox.tell(allow(false));
        served.publisher->stop(5s);
    }
}

TEST_CASE("two clients of one id come back ever more slowly, and the reason is named", "[mqtt]") {
    for (const auto protocol : {Connection::Protocol::mqtt5, Connection::Protocol::mqtt311}) {
        const Broker broker;
        RefusedPublisher served(broker, protocol);
        const auto begin = std::chrono::steady_clock::now();
        const std::jthread rival([&](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                auto connection = Connection::begin(broker.options("pwlog"), protocol);
                while (connection && !stop.stop_requested() && (*connection)->turn()) {
                    std::this_thread::sleep_for(1ms);
                }
            }
        });
        CHECK(eventually([&] { return served.status().reconnects >= 12; }));
        CHECK(std::chrono::steady_clock::now() - begin > 500ms);
        CHECK(eventually([&] { return has(served.status().last_error, "client id \"pwlog\""); }));
    }
}

TEST_CASE("TLS against a plain broker, and a plain client against TLS, are told apart", "[mqtt]") {
    const Broker plain;
    auto options = plain.options("pwlog");
    options.tls = true;
    const auto error_of = [](const BrokerOptions& broker) {
        auto connection = Connection::begin(broker, Connection::Protocol::mqtt5);
        REQUIRE(connection);
        std::string message;
        CHECK(eventually([&] {
            const auto turned = (*connection)->turn();
            message = turned ? std::string() : turned.error().message;
            return !message.empty();
        }));
        return message;
    };
    const auto secure_at_plain = error_of(options);
    INFO(secure_at_plain);
    CHECK(has(secure_at_plain, "tls = false"));
}

TEST_CASE("of a broker's addresses the one that takes connections is taken", "[mqtt]") {
    const Broker broker;
    spdlog::set_level(spdlog::level::off);
    Outbox outbox(true);
    Publisher::Options options;
    options.broker = broker.options("pwlog");
    options.broker.host = "broker.invalid";
    options.resolver = [](const std::string&, std::uint16_t port, const std::stop_token& stop) {
        std::vector<Address> all;
        for (const auto* const text : {"::1", "127.0.0.2", "127.0.0.1"}) {
            if (const auto found = look_up(text, port, stop)) {
                all.push_back(found->front());
            }
        }
        return Result<std::vector<Address>>(all);
    };
    Publisher publisher(std::move(options), outbox, system_clock);
    REQUIRE(publisher.start());
    Listener listener(broker);
    outbox.set({"a", "1"});
    CHECK(listener.hears("a", "1"));
}

TEST_CASE("a changed password is taken with the next connection", "[mqtt]") {
    int asked = 0;
    Broker broker;
    broker.kill();
    spdlog::set_level(spdlog::level::off);
    Outbox outbox(true);
    Publisher::Options options;
    options.broker = broker.options("pwlog");
    options.times.backoff = {.shortest = 1ms, .first = 5ms, .ceiling = 20ms};
    std::mutex mutex;
    options.password = [&]() -> Result<Secret> {
        const std::lock_guard lock(mutex);
        ++asked;
        return fail(ErrorKind::not_found, "no file yet");
    };
    Publisher publisher(std::move(options), outbox, system_clock);
    REQUIRE(publisher.start());
    CHECK(eventually([&] {
        const std::lock_guard lock(mutex);
        return asked >= 3;
    }));
    CHECK(has(publisher.status().last_error, "no file yet"));
}
