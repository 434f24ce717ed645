// SPDX-License-Identifier: MIT
#include "daemon/agent.h"

#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "base/parse_number.h"
#include "protocol/fields.h"
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

/// The newest document of an outlet that draws power.
std::string of_first_outlet(Spool& spool) {
    constexpr std::size_t others = 7;
    const auto all = documents(spool, "rack1-pdu");
    return all.at(all.size() - 1 - others);
}

/// As if the reading before had been so much earlier.
void move_back(Spool& spool, std::chrono::milliseconds by) {
    for (const auto* name : {"rack1-pdu/energy", "rack1-pdu/pace"}) {
        const auto saved = spool.state(name).value_or("");
        std::string moved;
        for (const auto& word : split_fields(saved)) {
            const auto text = std::string(word);
            const auto digits = text.substr(text.rfind(';') + 1);
            moved += moved.empty() ? "" : " ";
            moved += digits.size() != 13 || !are_digits(digits)
                         ? text
                         : text.substr(0, text.size() - digits.size()) +
                               std::to_string(std::stoll(digits) - by.count());
        }
        if (!moved.empty()) {
            REQUIRE(spool.remember(name, moved));
        }
    }
}

/// One reading, as if the one before had been so much earlier; what the spool holds then.
std::unique_ptr<Spool> read_once(const TempDir& folder, const AgentOptions& options,
                                 std::chrono::milliseconds since_before) {
    auto spool = open_spool(folder);
    move_back(*spool, since_before);
    Agent agent(options, *spool, system_clock);
    REQUIRE(agent.read_once({}).empty());
    return spool;
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
    const auto run = [&](std::chrono::milliseconds since_before) {
        return documents(*read_once(folder, options_for(*pdu, 1s), since_before),
                         "rack1-pdu/events");
    };
    CHECK(run(60s).empty());
    REQUIRE(pdu->inject("set pdu alarm high_input_current on"));
    CHECK(run(60s).size() == 1);
    CHECK(run(60s).size() == 1);
    REQUIRE(pdu->inject("set pdu alarm high_input_current off"));
    const auto told = run(24h);
    REQUIRE(told.size() == 2);
    CHECK(has(told[0], "\"action\":\"alarm_started\""));
    CHECK(has(told[0], "\"message\":\"Rack 1: the input current is too high (F10)"));
    CHECK(has(told[0], "\"model\":{\"name\":\"PDU\"}"));
    CHECK(has(told[1], "\"action\":\"alarm_ended\""));
    CHECK(has(told[1], "\"observed\":false"));
}

TEST_CASE("readings of a timer go by the timer's interval, whatever is configured", "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    const auto run = [&](std::chrono::milliseconds since_before) {
        return of_first_outlet(*read_once(folder, options_for(*pdu, 1s), since_before));
    };
    CHECK(has(run(0s), "\"interval_s\":0.0"));
    CHECK(has(run(60s), "\"interval_s\":0.0"));  // how often it is read is not known yet
    REQUIRE(pdu->inject("set pdu alarm high_input_current on"));
    for (const auto spacing : {60s, 61s, 120s}) {
        const auto outlet = run(spacing);
        INFO(outlet);
        CHECK(outlet.find("\"interval_s\":" + std::to_string(spacing.count())) != outlet.npos);
        CHECK_FALSE(has(outlet, "interval_from_counter"));
    }
    const auto spool = open_spool(folder);
    const auto told = documents(*spool, "rack1-pdu/events");
    REQUIRE(told.size() == 1);
    CHECK_FALSE(has(told[0], "\"observed\":false"));
}

TEST_CASE("a timer that was stopped for an hour leaves a gap", "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    std::string last;
    for (const auto spacing : {0s, 60s, 60s, 60s, 3600s}) {
        last = of_first_outlet(*read_once(folder, options_for(*pdu, 1s), spacing));
    }
    CHECK(has(last, "\"interval_s\":0.0"));
    CHECK(has(last, "\"interval_from_counter\":true"));
}

TEST_CASE("a tariff goes by the time zone that the machine has by now", "[agent]") {
    const TempDir folder;
    const auto pdu = serve(Served::fast_pdu());
    Tariff tariff = flat_tariff(2, "");
    tariff.periods.front().bands.push_back({.per_kwh = 1, .from = 0h, .until = 12h});
    const auto utc_hour = static_cast<int>(system_clock.wall_now().time_since_epoch() / 1h % 24);
    const char* const before = std::getenv("TZ");
    const std::string zone = before != nullptr ? before : "";
    const auto price_at = [&](int local_hour) {
        const int west = (utc_hour - local_hour + 36) % 24 - 12;
        setenv("TZ", ("XYZ" + std::to_string(west)).c_str(), 1);
        auto options = options_for(*pdu, 60s);
        std::get<PduSetup>(options.devices.front()).context.tariff = tariff;
        const auto json = of_first_outlet(*read_once(folder, options, 60s));
        const auto number = [&](const std::string& name) {
            const auto at = json.find("\"" + name + "\":");
            return at == json.npos ? 0 : std::stod(json.substr(at + name.size() + 3));
        };
        return number("interval_wh") > 0 ? number("cost") / number("interval_wh") * 1000 : 0;
    };
    price_at(6);
    CHECK(price_at(6) == Approx(1).epsilon(0.01));
    CHECK(price_at(18) == Approx(2).epsilon(0.01));
    CHECK(price_at(6) == Approx(1).epsilon(0.01));
    if (zone.empty()) {
        unsetenv("TZ");
    } else {
        setenv("TZ", zone.c_str(), 1);
    }
    tzset();
}
