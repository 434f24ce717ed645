// SPDX-License-Identifier: MIT
#include "sampling/device_reader.h"

#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>

#include "device/ats_device.h"
#include "link/link.h"
#include "protocol/identity.h"
#include "sampling/sampled_ats.h"
#include "spool/spool.h"
#include "support/hand_clock.h"
#include "support/served.h"
#include "support/system_clock.h"
#include "support/temp_dir.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

const std::stop_token no_stop;

/// A simulated ATS that is plugged in and out, and its reader on a clock that stands still.
struct PluggedBench {
    PluggedBench() : device(*Served::start(Served::fast_ats())) {
        spdlog::set_level(spdlog::level::off);
        SpoolOptions options;
        options.directory = folder.path();
        spool = *Spool::open(options, clock);
        recorder.emplace(*spool, Origin{"pi", "0.1.0", {}, true}, clock);
        SessionOptions patient;  // on a machine busy with other things
        patient.answer_timeout = patient.least_patience = patient.byte_timeout = 10s;
        AtsContext context;
        context.device = {"rack1-ats", "", ""};
        Session session([this](const std::stop_token&) { return open(); }, ats::protocol_id,
                        patient, system_clock);
        reader.emplace(std::make_unique<SampledAts>(AtsDevice(std::move(session), system_clock),
                                                    context, 30s, false),
                       *recorder, "port", 30s, clock);
    }

    Result<std::unique_ptr<Link>> open() const {
        if (!is_plugged_in) {
            return fail(ErrorKind::not_found, "no such port");
        }
        return open_link({.name = device->path(), .kind = PortOptions::Kind::descriptor});
    }
    void pull_the_plug() {
        is_plugged_in = false;
        reader->close();
    }
    /// Tries to open the line; how long it is then left alone.
    std::chrono::nanoseconds wait_after_try() {
        reader->try_to_open(no_stop);
        return reader->next_try() - clock.steady_now();
    }

    bool is_plugged_in = false;
    HandClock clock;
    TempDir folder;
    std::unique_ptr<Served> device;
    std::unique_ptr<Spool> spool;
    std::optional<Recorder> recorder;
    std::optional<DeviceReader> reader;
};

}  // namespace

TEST_CASE("a port that is away is tried ever more seldom, and soon again once it was there",
          "[sampling]") {
    PluggedBench bench;
    for (const auto wait : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 4000ms}) {
        CHECK(bench.wait_after_try() == wait);
    }
    bench.is_plugged_in = true;
    SECTION("found by a try of its own") {
        CHECK(bench.wait_after_try() == 0ms);
        CHECK(bench.reader->is_open());
    }
    SECTION("found by a cycle that was due") { REQUIRE(bench.reader->read_cycle(no_stop)); }
    bench.pull_the_plug();
    CHECK(bench.wait_after_try() == 250ms);
}
