// SPDX-License-Identifier: MIT
#include "replay.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <latch>

#include "protocol/identity.h"
#include "sampling/sampled_ats.h"
#include "sampling/sampled_pdu.h"
#include "sampling/sampler.h"
#include "simulated_line.h"
#include "spool/spool.h"
#include "support/temp_dir.h"

namespace pwlog::test {
namespace {

using rapidjson::Value;
using simulator::DeviceKind;

std::unique_ptr<SampledDevice> make_device(const EventCase& scripted, SimulatedLine& line,
                                           const Clock& clock) {
    const auto opener = [&line](const std::stop_token&) { return line.open(); };
    if (scripted.device == DeviceKind::ats) {
        AtsDevice device(Session(opener, ats::protocol_id, {}, clock), clock);
        AtsContext context;
        context.device = {"rack1-ats", "ATS"};
        return std::make_unique<SampledAts>(std::move(device), context, 3 * scripted.interval,
                                            true);
    }
    PduDevice device(Session(opener, pdu::protocol_id, {}, clock), clock);
    PduContext context;
    context.device = {"rack1-pdu", ""};
    context.outlet_names = {"nas", "switch", "router", "", "server", "recorder", "", "printer"};
    context.tariff = scripted.tariff;
    return std::make_unique<SampledPdu>(std::move(device), context, 3 * scripted.interval);
}

/// One process: from its start to its stop.
void run_logger(const EventCase& scripted, SimulatedLine& line, const std::filesystem::path& folder,
                JumpingClock& clock) {
    SpoolOptions options;
    options.directory = folder;
    options.keep = std::chrono::hours(24 * 30);
    options.flush_interval = std::chrono::hours(1);
    auto spool = Spool::open(options, clock);
    REQUIRE(spool);
    Recorder recorder(**spool, {"pi", "0.1.0", {}, true}, clock);
    SamplerOptions sampling;
    sampling.interval = scripted.interval;
    sampling.fast_interval = scripted.fast_interval;
    sampling.port = "/dev/line";
    Sampler sampler(make_device(scripted, line, clock), recorder, sampling, clock);
    for (const auto& key : sampler.state_keys()) {
        if (const auto saved = (*spool)->state(key)) {
            sampler.restore(key, *saved);
        }
    }
    std::latch started(1);  // the clock may jump to the end before start() has returned
    clock.at_end = [&] {
        started.wait();
        sampler.request_stop();
    };
    (void)sampler.start();
    started.count_down();
    sampler.join();
    clock.at_end = nullptr;
}

void add_value(std::string& line, const char* name, const Value& value) {
    if (value.IsString()) {
        line += fmt::format(" {}={}", name, value.GetString());
    } else if (value.IsBool()) {
        line += fmt::format(" {}={}", name, value.GetBool());
    } else if (value.IsInt64()) {
        line += fmt::format(" {}={}", name, value.GetInt64());
    } else if (value.IsNumber()) {
        line += fmt::format(" {}={}", name, value.GetDouble());
    } else if (value.IsArray()) {
        std::string items;
        for (const auto& item : value.GetArray()) {
            items += (items.empty() ? "" : ",") + std::string(item.GetString());
        }
        line += fmt::format(" {}={}", name, items);
    }
}

}  // namespace

Replayed replay(const EventCase& scripted) {
    const TempDir folder;
    JumpingClock clock(scripted.begin);
    SimulatedLine line(scripted.device, scripted.script, clock);
    const SteadyTime begin = clock.steady_now();
    for (const auto& [start, stop] : scripted.runs) {
        clock.jump(begin + start);
        clock.end_at = begin + stop;
        run_logger(scripted, line, folder.path(), clock);
    }
    Replayed result;
    SpoolOptions options;
    options.directory = folder.path();
    options.keep = std::chrono::hours(24 * 30);
    auto spool = Spool::open(options, clock);
    REQUIRE(spool);
    const auto exported =
        (*spool)->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
            for (const auto& document : entry.documents) {
                auto& list = document.index.starts_with("powerwalker-events") ? result.events
                                                                              : result.samples;
                list.emplace_back();
                list.back().Parse(document.json.c_str());
            }
            return true;
        });
    REQUIRE(exported);
    return result;
}

const Value* value_at(const Value& document, std::string_view pointer) {
    const Value* found = &document;
    while (!pointer.empty()) {
        const auto name = pointer.substr(1, pointer.find('/', 1) - 1);
        pointer.remove_prefix(1 + name.size());
        if (!found->IsObject()) {
            return nullptr;
        }
        const auto member = found->FindMember(Value(
            rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size()))));
        if (member == found->MemberEnd()) {
            return nullptr;
        }
        found = &member->value;
    }
    return found;
}

std::string text_at(const Value& document, std::string_view pointer) {
    std::string line;
    if (const auto* value = value_at(document, pointer)) {
        add_value(line, "", *value);
    }
    return line.empty() ? line : line.substr(2);
}

std::string line_of(const rapidjson::Document& event) {
    std::string line = text_at(event, "/event/action");
    for (const auto& field : event["powerwalker"].GetObject()) {
        if (std::string(field.name.GetString()) == "outlet") {
            add_value(line, "outlet", field.value["number"]);
            continue;
        }
        for (const auto& detail : field.value.GetObject()) {
            add_value(line, detail.name.GetString(), detail.value);
        }
    }
    for (const char* name : {"code", "outcome"}) {
        if (event["event"].HasMember(name)) {
            add_value(line, name, event["event"][name]);
        }
    }
    return line;
}

}  // namespace pwlog::test
