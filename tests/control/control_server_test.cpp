// SPDX-License-Identifier: MIT
#include "control/control_server.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include "support/temp_dir.h"

using namespace pwlog;
using namespace std::chrono_literals;

namespace {

constexpr auto deadline = 20s;

/// A server on a socket of its own; requests in `handlers`.
struct Served {
    explicit Served(ControlHandlers handlers, ControlServerOptions options = {}) {
        options.path = folder.path() / "s";
        auto opened = ControlServer::open(options, std::move(handlers));
        REQUIRE(opened);
        server = *std::move(opened);
    }
    LineSocket connect() const {
        auto socket = connect_to(folder.path() / "s");
        REQUIRE(socket);
        return {*std::move(socket), {}};
    }

    test::TempDir folder;
    std::unique_ptr<ControlServer> server;
};

/// All lines of the answer, the last included.
std::vector<std::string> ask(LineSocket& client, std::string_view request) {
    REQUIRE(client.write_line(request, deadline));
    std::vector<std::string> lines;
    for (;;) {
        auto line = client.read_line(1U << 20U, deadline);
        if (!line) {
            FAIL(line.error().message);
        }
        lines.push_back(*line);
        const auto reply = decode_reply(*line);
        REQUIRE(reply);
        if (reply->last) {
            return lines;
        }
    }
}

Error error_of(LineSocket& client, std::string_view request) {
    const auto reply = decode_reply(ask(client, request).back());
    REQUIRE(reply);
    REQUIRE(reply->error);
    return *reply->error;
}

Result<void> say_hello(const ControlRequest& request, ControlReply& reply) {
    return reply.send(
        fmt::format(R"({{"hello":"{}"}})", request.get<std::string>("who").value_or("nobody")));
}

/// A place where handlers wait until the test lets them go on.
struct Gate {
    void wait(const std::stop_token& stop) {
        std::unique_lock lock(mutex);
        ++waiting;
        changed.notify_all();
        changed.wait(lock, stop, [this] { return open; });
    }
    bool wait_for_waiting(int count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, deadline, [this, count] { return waiting >= count; });
    }
    void let_go() {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }

    std::mutex mutex;
    std::condition_variable_any changed;
    int waiting = 0;
    bool open = false;
};

/// A handler that waits there.
ControlHandler wait_at(Gate& gate) {
    return [&gate](const ControlRequest&, ControlReply& reply) {
        gate.wait(reply.stop());
        return Result<void>();
    };
}

}  // namespace

TEST_CASE("a request gets its handler's answer, several on one connection", "[agent]") {
    const Served served({{"hello", say_hello}});
    auto client = served.connect();
    CHECK(ask(client, R"({"request":"hello","who":"pi"})") ==
          std::vector<std::string>{R"({"data":{"hello":"pi"}})", R"({"done":true})"});
    CHECK(ask(client, R"({"request":"hello"})").size() == 2);
}

TEST_CASE("bad and unknown requests are told so and the connection goes on", "[agent]") {
    const Served served({{"hello", say_hello}});
    auto client = served.connect();
    CHECK(error_of(client, "status").kind == ErrorKind::invalid);
    CHECK(error_of(client, R"({"request":"\u001b[1m"})").message ==
          "there is no request \"\\x1b[1m\"");
    CHECK(ask(client, R"({"request":"hello"})").size() == 2);
}

TEST_CASE("a handler's error reaches the client with its kind", "[agent]") {
    const Served served({{"fail", [](const ControlRequest&, ControlReply& reply) -> Result<void> {
                              if (auto sent = reply.send("1"); !sent) {
                                  return sent;
                              }
                              return fail(ErrorKind::full, "no room");
                          }}});
    auto client = served.connect();
    CHECK(ask(client, R"({"request":"fail"})") ==
          std::vector<std::string>{R"({"data":1})", R"({"error":"no room","kind":"full"})"});
}

TEST_CASE("a client that gets no thread is told so", "[agent]") {
    const pid_t child = fork();
    if (child == 0) {
        const Served served({{"hello", say_hello}});
        constexpr uid_t nobody = 65534;
        const rlimit none{0, 0};
        const bool is_root = geteuid() == 0;  // whom the limit does not bind
        chmod(served.folder.path().c_str(), 0755);
        chmod((served.folder.path() / "s").c_str(), 0666);
        if ((is_root && setuid(nobody) != 0) || setrlimit(RLIMIT_NPROC, &none) != 0) {
            _exit(99);
        }
        auto client = served.connect();
        const auto refused = client.read_line(1'000, deadline);
        const auto reply =
            refused ? decode_reply(*refused) : Result<ControlReplyLine>(pass_on(refused));
        _exit(reply && reply->error && reply->error->kind == ErrorKind::full ? 0 : 1);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("a request that is too long ends the connection with a reason", "[agent]") {
    const Served served({{"hello", say_hello}}, {.path = {}, .longest_request = 1'000});
    auto client = served.connect();
    CHECK(error_of(client, std::string(5'000, 'x')).kind == ErrorKind::invalid);
    const auto end = client.read_line(1'000, deadline);
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::gone);
    auto another = served.connect();
    CHECK(ask(another, R"({"request":"hello"})").size() == 2);
}

TEST_CASE("a long answer streams through, whole and in order", "[agent]") {
    constexpr int count = 20'000;
    const Served served(
        {{"count", [](const ControlRequest&, ControlReply& reply) -> Result<void> {
              for (int i = 0; i < count; ++i) {
                  if (auto sent = reply.send(fmt::format(R"({{"i":{},"x":"{:>200}"}})", i, ""));
                      !sent) {
                      return sent;
                  }
              }
              return {};
          }}});
    auto client = served.connect();
    const auto lines = ask(client, R"({"request":"count"})");
    REQUIRE(lines.size() == count + 1);
    for (int i = 0; i < count; ++i) {
        REQUIRE(lines[static_cast<std::size_t>(i)].starts_with(
            fmt::format(R"({{"data":{{"i":{},)", i)));
    }
}

TEST_CASE("one client's long request does not keep others waiting", "[agent]") {
    Gate gate;
    const Served served({{"hello", say_hello}, {"wait", wait_at(gate)}});
    auto slow = served.connect();
    REQUIRE(slow.write_line(R"({"request":"wait"})", deadline));
    REQUIRE(gate.wait_for_waiting(1));
    auto quick = served.connect();
    CHECK(ask(quick, R"({"request":"hello"})").size() == 2);
    gate.let_go();
    CHECK(slow.read_line(1'000, deadline).value() == R"({"done":true})");
}

TEST_CASE("one client too many is told busy, and is let in when another has gone", "[agent]") {
    Gate gate;
    const Served served(
        {{"hello", say_hello}, {"wait", wait_at(gate)}},
        {.path = {}, .most_clients = 2, .patience = std::chrono::milliseconds(200)});
    auto first = std::make_unique<LineSocket>(served.connect());
    auto second = served.connect();
    for (auto* client : {first.get(), &second}) {
        REQUIRE(client->write_line(R"({"request":"wait"})", deadline));
    }
    REQUIRE(gate.wait_for_waiting(2));
    auto third = served.connect();
    const auto refused = decode_reply(third.read_line(1'000, deadline).value());
    REQUIRE(refused);
    REQUIRE(refused->error);
    CHECK(refused->error->kind == ErrorKind::busy);

    gate.let_go();
    REQUIRE(first->read_line(1'000, deadline));
    first.reset();
    bool let_in = false;
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!let_in && std::chrono::steady_clock::now() < end) {
        auto again = served.connect();
        static_cast<void>(again.write_line(R"({"request":"hello"})", deadline));
        const auto line = again.read_line(1'000, deadline);
        let_in = line && line->find("hello") != std::string::npos;
    }
    CHECK(let_in);
}

TEST_CASE("a client too many waits until another has gone", "[agent]") {
    Gate gate;
    const Served served({{"hello", say_hello}, {"wait", wait_at(gate)}},
                        {.path = {}, .most_clients = 1, .patience = std::chrono::minutes(1)});
    auto first = std::make_unique<LineSocket>(served.connect());
    REQUIRE(first->write_line(R"({"request":"wait"})", deadline));
    REQUIRE(gate.wait_for_waiting(1));
    std::vector<LineSocket> waiting;
    for (int i = 0; i < 20; ++i) {
        waiting.push_back(served.connect());
        REQUIRE(waiting.back().write_line(R"({"request":"hello"})", deadline));
    }
    gate.let_go();
    first.reset();
    while (!waiting.empty()) {
        CHECK(waiting.front().read_line(1'000, deadline).value().find("hello") !=
              std::string::npos);
        waiting.erase(waiting.begin());
    }
}

TEST_CASE("the server ends while clients ask, wait, or say nothing", "[agent]") {
    Gate gate;
    Served served(
        {{"wait", wait_at(gate)}, {"flood", [](const ControlRequest&, ControlReply& reply) {
                                       Result<void> sent;
                                       while (sent) {
                                           sent = reply.send("\"more\"");
                                       }
                                       return sent;
                                   }}});
    auto waiting = served.connect();
    REQUIRE(waiting.write_line(R"({"request":"wait"})", deadline));
    REQUIRE(gate.wait_for_waiting(1));
    auto flooded = served.connect();
    REQUIRE(flooded.write_line(R"({"request":"flood"})", deadline));
    REQUIRE(flooded.read_line(1'000, deadline));
    const auto silent = served.connect();
    const auto started = std::chrono::steady_clock::now();
    served.server.reset();
    CHECK(std::chrono::steady_clock::now() - started < 5s);
    CHECK_FALSE(std::filesystem::exists(served.folder.path() / "s"));
}

TEST_CASE("a client that takes nothing does not hold its handler for ever", "[agent]") {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<ErrorKind> kind;
    const Served served({{"flood",
                          [&](const ControlRequest&, ControlReply& reply) {
                              Result<void> sent;
                              while (sent) {
                                  sent = reply.send("\"more\"");
                              }
                              const std::lock_guard lock(mutex);
                              kind = sent.error().kind;
                              ended.notify_all();
                              return sent;
                          }}},
                        {.path = {}, .send_timeout = 50ms});
    auto client = served.connect();
    REQUIRE(client.write_line(R"({"request":"flood"})", deadline));
    std::unique_lock lock(mutex);
    REQUIRE(ended.wait_for(lock, deadline, [&] { return kind.has_value(); }));
    CHECK(kind == ErrorKind::timeout);
}

TEST_CASE("a client that goes away in the middle is the end of its request alone", "[agent]") {
    const Served served(
        {{"hello", say_hello}, {"flood", [](const ControlRequest&, ControlReply& reply) {
                                    Result<void> sent;
                                    while (sent) {
                                        sent = reply.send("\"more\"");
                                    }
                                    return sent;
                                }}});
    for (int i = 0; i < 20; ++i) {
        auto leaving = served.connect();
        REQUIRE(leaving.write_line(R"({"request":"flood"})", deadline));
        REQUIRE(leaving.read_line(1'000, deadline));
    }
    bool answered = false;
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!answered && std::chrono::steady_clock::now() < end) {
        auto client = served.connect();  // may still be told busy
        static_cast<void>(client.write_line(R"({"request":"hello"})", deadline));
        const auto line = client.read_line(1'000, deadline);
        answered = line && line->find("hello") != std::string::npos;
    }
    CHECK(answered);
}

TEST_CASE("a handler is told that its client has gone, not that it has said more", "[agent]") {
    std::mutex mutex;
    std::condition_variable changed;
    bool begun = false;
    std::optional<bool> told;
    Served served({{"wait", [&](const ControlRequest&, ControlReply& reply) -> Result<void> {
                        const auto gone = HangUp::watch(reply);
                        REQUIRE(gone);
                        const std::stop_callback wake((*gone)->token(), [&] {
                            const std::lock_guard also(mutex);
                            told = true;
                            changed.notify_all();
                        });
                        std::unique_lock lock(mutex);
                        begun = true;
                        changed.notify_all();
                        changed.wait_for(lock, deadline, [&] { return told.has_value(); });
                        return {};
                    }}});
    std::optional<LineSocket> client(served.connect());
    REQUIRE(client->write_line(R"({"request":"wait"})", deadline));
    std::unique_lock lock(mutex);
    REQUIRE(changed.wait_for(lock, deadline, [&] { return begun; }));
    lock.unlock();
    REQUIRE(client->write_line(R"({"request":"more"})", deadline));
    lock.lock();
    CHECK_FALSE(told.has_value());
    lock.unlock();
    client.reset();
    lock.lock();
    CHECK(changed.wait_for(lock, deadline, [&] { return told.has_value(); }));
}
