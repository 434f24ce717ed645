// SPDX-License-Identifier: MIT
#include "sampling/sampled_ups.h"

#include <arpa/inet.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <future>
#include <thread>

#include "base/unique_fd.h"
#include "sampling/sampler.h"
#include "spool/spool.h"
#include "support/eventually.h"
#include "support/hand_clock.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

constexpr auto on_battery = "BEGIN LIST VAR ups\nVAR ups ups.status \"OB\"\nEND LIST VAR ups\n";

/// A NUT server on loopback. `before_answer`: is told the number of each question first.
class NutServer {
  public:
    explicit NutServer(std::function<void(int)> before_answer)
        : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
          before_answer_(std::move(before_answer)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const raw = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        REQUIRE(bind(listening_.get(), raw, size) == 0);
        REQUIRE(listen(listening_.get(), 8) == 0);
        REQUIRE(getsockname(listening_.get(), raw, &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this] { serve(); });
    }
    ~NutServer() {
        (void)shutdown(listening_.get(), SHUT_RDWR);  // ends accept()
    }

    std::uint16_t port() const { return port_; }
    /// What follows the questions from now on.
    void answer_with(std::string answer) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
    }

  private:
    void serve() {
        for (int asked = 1;; ++asked) {
            const UniqueFd talk(accept(listening_.get(), nullptr, nullptr));
            if (!talk) {
                return;
            }
            std::array<char, 200> question{};
            (void)recv(talk.get(), question.data(), question.size(), 0);
            before_answer_(asked);
            const std::lock_guard lock(mutex_);
            (void)send(talk.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
        }
    }

    UniqueFd listening_;
    std::uint16_t port_ = 0;
    std::function<void(int)> before_answer_;
    std::mutex mutex_;
    std::string answer_ = "BEGIN LIST VAR ups\nVAR ups ups.status \"OL\"\nEND LIST VAR ups\n";
    std::jthread thread_;
};

/// A UPS that is sampled on a clock that stands still.
struct Bench {
    explicit Bench(std::function<void(int)> before_answer = [](int) {})
        : server(std::move(before_answer)) {
        spdlog::set_level(spdlog::level::off);
        SpoolOptions options;
        options.directory = folder.path();
        options.flush_interval = 1h;
        auto opened = Spool::open(options, clock);
        REQUIRE(opened);
        spool = std::move(*opened);
        recorder.emplace(*spool, Origin{"pi", "0.1.0", {}, true}, clock);
        NutPlace place;
        place.port = server.port();
        SamplerOptions sampling;
        sampling.interval = interval;
        sampler.emplace(
            std::make_unique<SampledUps>(DeviceTag{"ups1", "", ""}, std::move(place), clock),
            *recorder, sampling, clock);
    }

    std::vector<Entry> entries(const std::string& stream) const {
        std::vector<Entry> found;
        REQUIRE(spool->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
            if (entry.stream == stream) {
                found.push_back(entry);
            }
            return true;
        }));
        return found;
    }

    /// The events so far, each on a line.
    std::string told() const {
        std::string text;
        for (const auto& entry : entries("ups1/events")) {
            for (const auto& document : entry.documents) {
                text += document.json + "\n";
            }
        }
        return text;
    }

    static constexpr auto interval = 1000ms;
    HandClock clock;  // at a whole second
    TempDir folder;
    NutServer server;
    std::unique_ptr<Spool> spool;
    std::optional<Recorder> recorder;
    std::optional<Sampler> sampler;
};

}  // namespace

TEST_CASE("an answer that comes behind the next tick stands for it: no two readings at once",
          "[ups]") {
    HandClock* clock = nullptr;
    Bench bench([&](int asked) {
        if (asked == 1) {
            clock->wind(Bench::interval + 100ms);
        }
    });
    clock = &bench.clock;
    REQUIRE(bench.sampler->start());
    std::promise<void> waits;  // for the first tick
    bench.sampler->post([&](SampledDevice&, const std::stop_token&) { waits.set_value(); }, 0ms);
    REQUIRE(waits.get_future().wait_for(20s) == std::future_status::ready);
    bench.clock.wind(Bench::interval);
    REQUIRE(eventually([&] { return bench.sampler->status().cycles > 0; }));
    REQUIRE(eventually([&] { return bench.sampler->status().late == 1; }));
    CHECK(bench.sampler->status().cycles == 1);
    bench.clock.wind(Bench::interval - 100ms);
    REQUIRE(eventually([&] { return bench.sampler->status().cycles == 2; }));
    bench.sampler->request_stop();
    bench.sampler->join();
    const auto samples = bench.entries("ups1");
    REQUIRE(samples.size() == 2);
    CHECK(samples[1].time - samples[0].time == Bench::interval - 100ms);
}

TEST_CASE("a UPS that its server has lost is told with its kind, and that it is back", "[ups]") {
    Bench bench;
    bench.server.answer_with("ERR DATA-STALE\n");
    CHECK_FALSE(bench.sampler->read_once({}));
    CHECK_FALSE(bench.sampler->status().reachable);
    CHECK(bench.sampler->status().last_error_kind == ErrorKind::unavailable);
    bench.clock.wind(1s);
    bench.server.answer_with(on_battery);
    CHECK(bench.sampler->read_once({}));
    CHECK(bench.sampler->status().reachable);
    const auto told = bench.told();
    INFO(told);
    for (const char* const what :
         {R"("action":"device_unreachable")", R"("action":"device_reachable")",
          "ups1: its NUT server has lost it (exact time unknown)",
          R"("message":"ups1: its NUT server has it again, after 1 s")",
          "ups1: runs on battery (exact time unknown)"}) {
        CHECK(told.find(what) != std::string::npos);
    }
}

TEST_CASE("what changed while a device was away has no exact time, however soon it is back",
          "[ups]") {
    const bool was_away = GENERATE(false, true);
    Bench bench;
    REQUIRE(bench.sampler->read_once({}));  // on line
    bench.clock.wind(1s);
    if (was_away) {
        bench.server.answer_with("ERR DATA-STALE\n");
        CHECK_FALSE(bench.sampler->read_once({}));
    }
    bench.clock.wind(1s);
    bench.server.answer_with(on_battery);
    REQUIRE(bench.sampler->read_once({}));
    const auto told = bench.told();
    INFO(told);
    CHECK(has(told, R"("message":"ups1: runs on battery)" +
                        std::string(was_away ? " (exact time unknown)\"" : "\"")));
}
