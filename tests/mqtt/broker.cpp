// SPDX-License-Identifier: MIT
#include "broker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>

#include "base/unique_fd.h"
#include "support/eventually.h"

namespace pwlog::test {
namespace {

using namespace std::chrono_literals;
constexpr auto patience = 20s;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

std::uint16_t free_port() {
    const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(fd.get(), raw, size) == 0);
    REQUIRE(getsockname(fd.get(), raw, &size) == 0);
    return ntohs(address.sin_port);
}

}  // namespace

Broker::Broker(const std::string& more) : port_(free_port()) {
    folder_.write("mosquitto.conf",
                  fmt::format("listener {} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                              "log_type none\nmax_queued_messages 100000\n{}",
                              port_, more));
    start();
}

void Broker::start() {
    std::string program = PWLOG_MOSQUITTO;
    std::string option = "-c";
    std::string file = folder_.path() / "mosquitto.conf";
    std::array<char*, 4> arguments{program.data(), option.data(), file.data(), nullptr};
    REQUIRE(posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments.data(), environ) == 0);
    REQUIRE(eventually([this] { return listens(); }));
}

bool Broker::listens() const {
    const UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = loopback(port_);
    return connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

void Broker::kill() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
}

void Broker::send_signal(int signal) const { REQUIRE(::kill(pid_, signal) == 0); }

BrokerOptions Broker::options(const std::string& id) const {
    BrokerOptions options;
    options.host = "127.0.0.1";
    options.port = port_;
    options.client_id = id;
    options.presence_topic = "$CONNECTED/" + id;
    return options;
}

void Listener::received(Incoming message) {
    const std::lock_guard lock(mutex_);
    ++count_;
    newest_[message.topic] = std::move(message);
}

Listener::Listener(const Broker& broker) {
    static int number = 0;
    auto begun = Connection::begin(broker.options(fmt::format("listener-{}", ++number)),
                                   Connection::Protocol::mqtt5, this);
    REQUIRE(begun);
    connection_ = std::move(*begun);
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!connection_->is_connected()) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        REQUIRE(connection_->turn());
    }
    REQUIRE(connection_->subscribe("#"));
    REQUIRE(connection_->subscribe("$CONNECTED/#"));
    REQUIRE(connection_->subscribe("mark"));
    // The broker answers in order: once this comes, all that is retained has come.
    REQUIRE(connection_->publish({"mark", "here"}, false, 0));
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    REQUIRE(hears("mark", "here"));
}

void Listener::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        pollfd waits{connection_->fd(),
                     static_cast<short>(connection_->wants_to_write() ? POLLIN | POLLOUT : POLLIN),
                     0};
        (void)poll(&waits, 1, 10);
        std::vector<Wish> wishes;
        {
            const std::lock_guard lock(mutex_);
            wishes.swap(wishes_);
        }
        for (const auto& wish : wishes) {
            (void)connection_->publish(wish.message, wish.retain, 0);
        }
        if (!connection_->turn()) {
            return;  // the broker has gone
        }
    }
}

bool Listener::hears(const std::string& topic, const std::string& payload) {
    return eventually([&] {
        const std::lock_guard lock(mutex_);
        const auto found = newest_.find(topic);
        return found != newest_.end() && found->second.payload == payload;
    });
}

long Listener::number(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    const auto found = newest_.find(topic);
    return found == newest_.end() ? -1 : std::stol(found->second.payload);
}

bool Listener::was_retained(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    return newest_.at(topic).retained;
}

std::size_t Listener::count() {
    const std::lock_guard lock(mutex_);
    return count_;
}

void Listener::say(const std::string& topic, const std::string& payload, bool retain) {
    const std::lock_guard lock(mutex_);
    wishes_.push_back({{topic, payload}, retain});
}

}  // namespace pwlog::test
