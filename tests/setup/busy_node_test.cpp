// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "elastic/bulk_sender.h"
#include "elastic/json.h"
#include "setup/setup.h"
#include "support/paths.h"
#include "support/temp_dir.h"
#include "support/views.h"

using namespace pwlog;

namespace {

constexpr auto events = "powerwalker-events-2026.11";

/// A node of this test alone, with settings of its own; scripts/es-node ends it with this process
/// at the latest.
class OwnNode {
  public:
    explicit OwnNode(const std::string& settings) {
        const auto command =
            fmt::format("'{}/scripts/es-node' start --dir '{}' --with {} {}",
                        test::source_dir().string(), folder_.path().string(), getpid(), settings);
        FILE* output = popen(command.c_str(), "r");
        REQUIRE(output != nullptr);
        std::array<char, 1024> line{};
        while (fgets(line.data(), line.size(), output) != nullptr) {
            const std::string text(line.data());
            if (text.starts_with("url=")) {
                url = *ServerUrl::parse(text.substr(4, text.size() - 5), true);
            }
        }
        REQUIRE(pclose(output) == 0);
    }
    ~OwnNode() {
        const auto command = fmt::format("'{}/scripts/es-node' stop --dir '{}'",
                                         test::source_dir().string(), folder_.path().string());
        if (std::system(command.c_str()) != 0) {
            WARN("the node did not stop");
        }
    }
    OwnNode(const OwnNode&) = delete;
    OwnNode& operator=(const OwnNode&) = delete;

    std::int64_t count_documents() {
        auto client = HttpClient::open({});
        REQUIRE(client->send(
            url, {.method = HttpMethod::post, .path = "/" + std::string(events) + "/_refresh"}));
        const auto reply = client->send(url, {.path = "/" + std::string(events) + "/_count"});
        REQUIRE(reply);
        return json_integer(reply->body, "/count").value_or(-1);
    }

    ServerUrl url = *ServerUrl::parse("http://localhost", true);

  private:
    test::TempDir folder_;
};

/// Documents of one writer, with ids of its own.
struct Documents {
    std::vector<Document> all;

    Documents(const std::string& writer, std::size_t count, std::size_t long_one) {
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back(
                {fmt::format("{}-{}", writer, i), events,
                 fmt::format(R"({{"@timestamp":"2026-11-22T10:00:00.000Z","message":"{}"}})",
                             std::string(i == long_one ? 100'000 : 600, 'x'))});
        }
    }
};

/// Sends until each document has found its end, as the shipper does; returns the number of
/// requests.
std::size_t send_all(const ServerUrl& url, std::vector<DocumentView> left,
                     std::vector<SendReport>& reports) {
    const SystemClock clock;
    auto sender = BulkSender::open({.servers = {url}}, clock);
    std::size_t requests = 0;
    for (int tries = 0; !left.empty() && tries < 1000; ++tries) {
        auto report = sender->send(left);
        requests += report.requests;
        std::vector<DocumentView> kept;
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (report.outcomes[i] == Outcome::kept) {
                kept.push_back(left[i]);
            }
        }
        left = std::move(kept);
        reports.push_back(std::move(report));
    }
    return requests;
}

std::size_t count(const std::vector<SendReport>& reports, Outcome outcome) {
    std::size_t sum = 0;
    for (const auto& report : reports) {
        for (const auto one : report.outcomes) {
            sum += one == outcome ? 1 : 0;
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("a node that takes only small requests gets all but the document that is too large",
          "[elastic][node]") {
    OwnNode node("http.max_content_length=64kb");
    auto client = HttpClient::open({});
    REQUIRE(run_setup(*client, node.url, {}));
    const Documents documents("a", 1000, 500);
    std::vector<SendReport> reports;
    const auto requests = send_all(node.url, test::views(documents.all), reports);
    CHECK(requests < 40);
    CHECK(count(reports, Outcome::stored) == 999);
    CHECK(count(reports, Outcome::rejected) == 1);
    CHECK(node.count_documents() == 999);
}

TEST_CASE("a node that is overrun refuses some items, and they alone are sent again",
          "[elastic][node]") {
    OwnNode node("thread_pool.write.size=1 thread_pool.write.queue_size=1");
    auto client = HttpClient::open({});
    REQUIRE(run_setup(*client, node.url, {}));
    constexpr std::size_t writers = 8;
    constexpr std::size_t each = 2000;
    std::vector<std::vector<SendReport>> reports(writers);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < writers; ++i) {
            threads.emplace_back([&, i] {
                const Documents documents(std::to_string(i), each, each);
                send_all(node.url, test::views(documents.all), reports[i]);
            });
        }
    }
    std::size_t kept = 0;
    for (const auto& one : reports) {
        CHECK(count(one, Outcome::stored) == each);
        CHECK(count(one, Outcome::duplicate) == 0);  // nothing that was stored was sent again
        CHECK(count(one, Outcome::rejected) == 0);
        kept += count(one, Outcome::kept);
    }
    CHECK(kept > 0);  // or the node was never overrun
    CHECK(node.count_documents() == writers * each);
}
