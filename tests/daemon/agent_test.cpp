// SPDX-License-Identifier: MIT
#include "daemon/agent.h"

#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "support/eventually.h"
#include "support/served.h"
#include "support/system_clock.h"
#include "support/temp_dir.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;
using test::Served;

namespace {

constexpr auto patience = 20s;

std::unique_ptr<Served> serve(const Served::Options& options) {
    auto served = Served::start(options);
    REQUIRE(served);
    return std::move(*served);
}

std::unique_ptr<Spool> open_spool(const TempDir& folder) {
    spdlog::set_level(spdlog::level::off);
    SpoolOptions options;
    options.directory = folder.path();
    auto spool = Spool::open(options, system_clock);
    REQUIRE(spool);
    return std::move(*spool);
}

AgentOptions options_for(const Served& pdu, std::chrono::milliseconds interval) {
    AgentOptions options;
    options.origin = {"pi", "0.1.0", {}};
    options.logger_interval = 0ms;
    PduSetup setup;
    setup.port = {.name = pdu.path(), .kind = PortOptions::Kind::descriptor};
    setup.sampler.interval = interval;
    // On a machine busy with other things.
    setup.session.answer_timeout = setup.session.least_patience = 10s;
    setup.session.byte_timeout = 10s;
    setup.context.device = {"rack1-pdu", "", "Rack 1"};
    options.devices.emplace_back(setup);
    return options;
}

bool has_sampled(const Agent& agent) {
    const auto samplers = agent.samplers();
    return std::all_of(samplers.begin(), samplers.end(),
                       [](const auto& sampler) { return sampler.cycles > 0; });
}

/// The documents of one stream, oldest first.
std::vector<std::string> documents(Spool& spool, const std::string& stream) {
    std::vector<std::string> found;
    REQUIRE(spool.export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        for (const auto& document : entry.documents) {
            if (entry.stream == stream) {
                found.push_back(document.json);
            }
        }
        return true;
    }));
    return found;
}

/// What the agent told of its own runs; of the machine's clock it may tell as well.
std::vector<std::string> told_of_runs(Spool& spool) {
    auto told = documents(spool, "logger.pi/events");
    std::erase_if(told, [](const std::string& json) { return !has(json, "\"action\":\"logger_"); });
    return told;
}

}  // namespace

TEST_CASE("an agent tells of its start and its stop, and of a run that had none", "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    {
        const auto spool = open_spool(folder);
        Agent agent(options_for(*pdu, 1h), *spool, system_clock);
        REQUIRE(agent.start());
        agent.stop("asked to stop");
        CHECK(told_of_runs(*spool).size() == 2);
    }
    {
        const auto spool = open_spool(folder);
        Agent agent(options_for(*pdu, 1h), *spool, system_clock);
        REQUIRE(agent.start());  // and its end is a power cut
    }
    const auto spool = open_spool(folder);
    Agent agent(options_for(*pdu, 1h), *spool, system_clock);
    REQUIRE(agent.start());
    agent.stop("asked to stop");
    const auto told = told_of_runs(*spool);
    REQUIRE(told.size() == 5);
    CHECK(has(told[0], "\"action\":\"logger_started\""));
    CHECK(has(told[1], "\"action\":\"logger_stopped\""));
    CHECK(has(told[2], "\"action\":\"logger_started\""));
    CHECK_FALSE(has(told[2], "cut off"));
    CHECK(has(told[3], "\"action\":\"logger_started\""));
    CHECK(has(told[3], "cut off"));
    CHECK(has(told[4], "\"action\":\"logger_stopped\""));
}

TEST_CASE("a wish for a sample, and a stop, end the longest wait", "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    const auto spool = open_spool(folder);
    Agent agent(options_for(*pdu, 1h), *spool, system_clock);
    REQUIRE(agent.start());
    REQUIRE(eventually([&] { return agent.samplers().front().line.opens > 0; }));
    agent.sample_now();
    CHECK(eventually([&] { return has_sampled(agent); }));
    auto stopped = std::async(std::launch::async, [&] { agent.stop("asked to stop"); });
    CHECK(stopped.wait_for(patience) == std::future_status::ready);
}

TEST_CASE("a sample that was asked for is one more, and costs the grid no tick uncounted",
          "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    const auto spool = open_spool(folder);
    constexpr auto interval = 2s;
    Agent agent(options_for(*pdu, interval), *spool, system_clock);
    REQUIRE(agent.start());
    const auto cycles = [&] { return agent.samplers().front().cycles; };
    REQUIRE(eventually([&] { return cycles() == 1; }));
    agent.sample_now();
    REQUIRE(eventually([&] { return cycles() == 2; }));
    REQUIRE(eventually([&] { return cycles() == 4; }));
    const auto late = agent.samplers().front().late;
    agent.stop("asked to stop");
    std::vector<Timestamp> times;
    REQUIRE(spool->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
        if (entry.stream == "rack1-pdu") {
            times.push_back(entry.time);
        }
        return true;
    }));
    REQUIRE(times.size() >= 4);
    const auto tick = [&](std::size_t i) { return times[i].time_since_epoch() / interval; };
    CHECK(tick(3) - tick(0) == 2 + static_cast<std::int64_t>(late));
}

TEST_CASE("a job is done on the device's thread between two cycles", "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    const auto spool = open_spool(folder);
    Agent agent(options_for(*pdu, 1h), *spool, system_clock);
    REQUIRE(agent.start());
    std::promise<std::thread::id> done;
    agent.sampler("rack1-pdu")
        ->post([&](SampledDevice&,
                   const std::stop_token&) { done.set_value(std::this_thread::get_id()); },
               1ms);
    auto where = done.get_future();
    REQUIRE(where.wait_for(patience) == std::future_status::ready);
    CHECK(where.get() != std::this_thread::get_id());
    agent.stop("asked to stop");
}

TEST_CASE("an alarm that ends while the agent is away is one pair, not observed", "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    const auto run = [&] {
        const auto spool = open_spool(folder);
        Agent agent(options_for(*pdu, 1h), *spool, system_clock);
        REQUIRE(agent.read_once({}).empty());
        return documents(*spool, "rack1-pdu/events");
    };
    CHECK(run().empty());
    REQUIRE(pdu->inject("set pdu alarm high_input_current on"));
    CHECK(run().size() == 1);
    CHECK(run().size() == 1);
    REQUIRE(pdu->inject("set pdu alarm high_input_current off"));
    const auto told = run();
    REQUIRE(told.size() == 2);
    CHECK(has(told[0], "\"action\":\"alarm_started\""));
    CHECK(has(told[0], "\"message\":\"Rack 1: the input current is too high (F10)"));
    CHECK(has(told[0], "\"model\":{\"name\":\"PDU\"}"));
    CHECK(has(told[1], "\"action\":\"alarm_ended\""));
    CHECK(has(told[1], "\"observed\":false"));
}
