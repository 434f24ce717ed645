// SPDX-License-Identifier: MIT
#include "mqtt/publisher.h"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "broker.h"
#include "support/eventually.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

/// A publisher that does not leave a test waiting for its back-off.
struct Publishing {
    explicit Publishing(const Broker& broker, bool retain = true,
                        std::vector<std::string> subscriptions = {},
                        std::vector<std::string> first_subscriptions = {})
        : outbox(retain) {
        spdlog::set_level(spdlog::level::off);
        Publisher::Options options;
        options.broker = broker.options("pwlog");
        options.subscriptions = std::move(subscriptions);
        options.first_subscriptions = std::move(first_subscriptions);
        options.received = [this](const Incoming& message) {
            const std::lock_guard lock(mutex);
            received.push_back(message);
        };
        options.times.backoff = {.shortest = 5ms, .first = 20ms, .ceiling = 100ms};
        publisher = std::make_unique<Publisher>(std::move(options), outbox, system_clock);
        REQUIRE(publisher->start());
    }

    Outbox outbox;
    std::mutex mutex;
    std::vector<Incoming> received;
    std::unique_ptr<Publisher> publisher;  // last: its thread uses the others
};

}  // namespace

TEST_CASE("states and events reach the broker, and who comes later gets the states", "[mqtt]") {
    const Broker broker;
    Publishing served(broker);
    Listener early(broker);
    served.outbox.set({"P/pdu/power/in", R"({"w":1})"});
    served.outbox.tell({"P/event", "happened"});
    CHECK(early.hears("P/pdu/power/in", R"({"w":1})"));
    CHECK(early.hears("P/event", "happened"));
    CHECK(early.hears("$CONNECTED/pwlog", "1"));
    Listener late(broker);
    CHECK(late.hears("P/pdu/power/in", R"({"w":1})"));
    CHECK(late.was_retained("P/pdu/power/in"));
    CHECK(late.number("P/event") == -1);
    CHECK(served.publisher->status().connected);
    CHECK(served.publisher->status().published == 2);
}

TEST_CASE("without retain only who is there hears the states", "[mqtt]") {
    const Broker broker;
    Publishing served(broker, false);
    Listener early(broker);
    served.outbox.set({"a", "1"});
    CHECK(early.hears("a", "1"));
    Listener late(broker);
    CHECK(late.number("a") == -1);
    CHECK(late.hears("$CONNECTED/pwlog", "1"));
}

TEST_CASE("a goodbye sends what waits, says 0, and takes no longer than it may", "[mqtt]") {
    const Broker broker;
    Listener listener(broker);
    Publishing served(broker);
    REQUIRE(listener.hears("$CONNECTED/pwlog", "1"));
    for (int i = 0; i <= 300; ++i) {
        served.outbox.tell({"event", std::to_string(i)});
    }
    served.publisher->stop(5s);
    CHECK(listener.hears("event", "300"));
    CHECK(listener.hears("$CONNECTED/pwlog", "0"));
    CHECK_FALSE(served.publisher->status().connected);
}

TEST_CASE("who vanishes without a goodbye is said to be gone by the broker", "[mqtt]") {
    const Broker broker;
    Listener listener(broker);
    auto connection = Connection::begin(broker.options("vanishing"), Connection::Protocol::mqtt311);
    REQUIRE(connection);
    REQUIRE(eventually([&] { return (*connection)->turn() && (*connection)->is_connected(); }));
    REQUIRE((*connection)->publish({"$CONNECTED/vanishing", "1"}, true, 0));
    REQUIRE(listener.hears("$CONNECTED/vanishing", "1"));
    connection->reset();
    CHECK(listener.hears("$CONNECTED/vanishing", "0"));
}

TEST_CASE("a broker that has forgotten everything gets all states once more", "[mqtt]") {
    Broker broker;
    Publishing served(broker);
    served.outbox.keep({"config", "{}"});
    served.outbox.set({"a", "1"});
    REQUIRE(Listener(broker).hears("config", "{}"));
    REQUIRE(Listener(broker).hears("a", "1"));
    broker.kill();
    broker.start();  // and nothing new is put in
    CHECK(Listener(broker).hears("config", "{}"));
    CHECK(Listener(broker).hears("a", "1"));
    CHECK(Listener(broker).hears("$CONNECTED/pwlog", "1"));
}

TEST_CASE("a broker that dies twenty times under load gets the newest state each time", "[mqtt]") {
    Broker broker;
    Publishing served(broker);
    REQUIRE(eventually([&] { return served.publisher->status().connected; }));
    std::atomic<long> newest = 0;
    std::chrono::nanoseconds longest{};
    {
        const std::jthread load([&](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                const auto begin = std::chrono::steady_clock::now();
                const auto next = std::to_string(++newest);
                for (const auto* const topic : {"a", "b", "c"}) {
                    served.outbox.set({topic, next});
                }
                served.outbox.tell({"event", next});
                longest = std::max<std::chrono::nanoseconds>(
                    longest, std::chrono::steady_clock::now() - begin);
                std::this_thread::sleep_for(200us);
            }
        });
        for (int round = 0; round < 20; ++round) {
            INFO("round " << round);
            broker.kill();
            const long at_restart = newest;
            broker.start();
            Listener listener(broker);
            for (const auto* const topic : {"a", "b", "c", "event"}) {
                CHECK(eventually([&] { return listener.number(topic) > at_restart; }));
            }
        }
    }
    CHECK(longest < 1s);  // nobody who puts something in waits for the broker
    Listener listener(broker);
    CHECK(listener.hears("a", std::to_string(newest)));
    CHECK(served.publisher->status().reconnects >= 20);
}

TEST_CASE("a broker that has stopped reading costs neither time nor memory", "[mqtt]") {
    Broker broker;
    Publishing served(broker);
    REQUIRE(eventually([&] { return served.publisher->status().connected; }));
    broker.send_signal(SIGSTOP);
    const std::string large(100'000, 'x');
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 3'000; ++i) {  // 300 MB, far beyond any socket's buffers
        served.outbox.set({"large", large + std::to_string(i)});
        served.outbox.set({"small", std::to_string(i)});
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took < 10s);
    CHECK(served.outbox.counters().superseded > 2'000);
    broker.send_signal(SIGCONT);
    Listener listener(broker);
    CHECK(listener.hears("small", "2999"));
    CHECK(listener.hears("large", large + "2999"));
}

TEST_CASE("a goodbye to a broker that does not read ends when its time is over", "[mqtt]") {
    Broker broker;
    Publishing served(broker);
    REQUIRE(eventually([&] { return served.publisher->status().connected; }));
    broker.send_signal(SIGSTOP);
    for (int i = 0; i < 300; ++i) {
        served.outbox.tell({"event", std::string(100'000, 'x')});
    }
    const auto begin = std::chrono::steady_clock::now();
    served.publisher->stop(200ms);
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    broker.send_signal(SIGCONT);
}

TEST_CASE("with no broker at all nothing but a reason is there", "[mqtt]") {
    Broker broker;
    broker.kill();
    Publishing served(broker);
    served.outbox.set({"a", "1"});
    CHECK(eventually([&] { return !served.publisher->status().last_error.empty(); }));
    INFO(served.publisher->status().last_error);
    CHECK(served.publisher->status().last_error.find("127.0.0.1:") == 0);
    CHECK(served.publisher->status().published == 0);
    broker.start();
    Listener listener(broker);
    CHECK(listener.hears("a", "1"));
    CHECK(eventually([&] { return served.publisher->status().last_error.empty(); }));
}

TEST_CASE("what was retained is told from what is said now, even with the retain flag", "[mqtt]") {
    const Broker broker;
    Listener other(broker);
    other.say("P/set", "before", true);
    REQUIRE(other.hears("P/set", "before"));
    Publishing served(broker, true, {"P/set"});
    const auto got = [&](std::size_t count) {
        const std::lock_guard lock(served.mutex);
        return served.received.size() == count;
    };
    REQUIRE(eventually([&] { return got(1); }));
    other.say("P/set", "now", false);
    REQUIRE(eventually([&] { return got(2); }));
    other.say("P/set", "now, to be kept", true);
    REQUIRE(eventually([&] { return got(3); }));
    const std::lock_guard lock(served.mutex);
    CHECK(served.received[0].retained);
    CHECK_FALSE(served.received[1].retained);
    CHECK(served.received[2].retained);
    CHECK(served.received[2].payload == "now, to be kept");
}

TEST_CASE("what a broker keeps is read back however much it is", "[mqtt]") {
    constexpr std::size_t count = 1'500;
    const Broker broker("max_queued_messages 1000\n");  // as many as where nothing is said
    {
        Publishing announcer(broker);
        for (std::size_t i = 0; i < count; ++i) {
            announcer.outbox.keep({"ha/sensor/n" + std::to_string(i) + "/config", "{}"});
        }
        REQUIRE(eventually([&] { return announcer.publisher->status().published == count; }));
        announcer.publisher->stop(5s);
    }
    Publishing later(broker, true, {}, {"ha/sensor/+/config"});
    CHECK(eventually([&] {
        const std::lock_guard lock(later.mutex);
        return later.received.size() == count;
    }));
}
