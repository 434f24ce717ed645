// SPDX-License-Identifier: MIT
#pragma once

#include <spdlog/spdlog.h>

#include <catch2/catch.hpp>

#include "support/served.h"
#include "support/system_clock.h"
#include "support/temp_dir.h"
#include "support/text.h"
#include "switching/switching.h"

namespace pwlog::test {

using namespace std::chrono_literals;
using Action = SwitchOrder::Action;
using Ended = SwitchRequest::Outcome;
using Commands = std::vector<std::string>;

inline SwitchOrder order(Action action, int outlet) {
    SwitchOrder wanted;
    wanted.action = action;
    wanted.outlet = outlet == 0 ? pdu::OutletChoice::all() : *pdu::OutletChoice::number(outlet);
    wanted.requested_by = "anna";
    wanted.method = "cli";
    return wanted;
}

/// A simulated PDU whose time runs fast, with a switcher and a spool. Outlets 4 and 7 are off at
/// its start.
class Bench {
  public:
    explicit Bench(const std::vector<int>& switchable, int per_minute = 100,
                   double time_factor = 60) {
        spdlog::set_level(spdlog::level::off);
        auto options = Served::fast_pdu();
        options.device.time_factor = time_factor;
        served_ = *Served::start(options);
        SpoolOptions spool;
        spool.directory = folder_.path();
        spool_ = *Spool::open(spool, system_clock);
        recorder_ = std::make_unique<Recorder>(*spool_, Origin{"pi", "0.1.0", {}}, system_clock);
        const PortOptions port{.name = served_->path(), .kind = PortOptions::Kind::descriptor};
        device_ = std::make_unique<PduDevice>(
            Session([port](const std::stop_token&) { return open_link(port); }, pdu::protocol_id,
                    {}, system_clock),
            system_clock);
        setup_.device = {"rack1-pdu", "PDU", "Rack 1"};
        setup_.outlet_names[7] = "printer";
        permit_ = *pdu::SwitchPermit::of(switchable);
        setup_.per_minute = per_minute;
        setup_.margin = 3s;
        restart();
    }

    /// As another process would begin.
    void restart() {
        switcher_ = switcher_on(line());
        if (const auto saved = spool_->state(switcher_->state_key())) {
            switcher_->restore(*saved);
        }
    }

    std::shared_ptr<PduLine> line() { return std::make_shared<Line>(*device_, turns); }
    /// Of the same PDU, by any line.
    std::unique_ptr<Switcher> switcher_on(std::shared_ptr<PduLine> line) {
        return std::make_unique<Switcher>(setup_, permit_, std::move(line), *recorder_,
                                          system_clock);
    }

    /// How long each turn on the line was announced to take.
    std::vector<std::chrono::milliseconds> turns{};

    SwitchReport carry_out(const SwitchOrder& wanted) {
        return switcher_->carry_out(wanted, {}, {});
    }

    /// Begins its countdown, and leaves it to that.
    void switch_off_in(std::chrono::seconds delay, int outlet) {
        auto later = order(Action::off, outlet);
        later.delay = delay;
        later.wait = false;
        REQUIRE_FALSE(carry_out(later).error);
    }

    /// The requests that reached the device, without the questions.
    std::vector<std::string> sent() const {
        std::vector<std::string> commands;
        for (const auto& answer : served_->answers()) {
            if (!answer.command.starts_with("Q")) {
                commands.push_back(answer.command);
            }
        }
        return commands;
    }

    /// Those of switching; what is said of this machine's clock is none of them.
    std::vector<std::string> events() {
        std::vector<std::string> found;
        REQUIRE(spool_->export_entries(Timestamp{}, Timestamp::max(), [&](const Entry& entry) {
            for (const auto& document : entry.documents) {
                if (document.json.find("\"switch_request\"") != std::string::npos) {
                    found.push_back(document.json);
                }
            }
            return true;
        }));
        return found;
    }

    Served& served() { return *served_; }
    Switcher& switcher() { return *switcher_; }
    PduDevice& device() { return *device_; }

  private:
    /// Writes down how long each turn was announced to take.
    struct Line final : PduLine {
        Line(PduDevice& device, std::vector<std::chrono::milliseconds>& noted)
            : direct(device), turns(noted) {}
        Result<void> run(const PduJob& job, std::chrono::milliseconds takes,
                         const std::stop_token& stop) override {
            {
                const std::lock_guard lock(noting);
                turns.push_back(takes);
            }
            return direct.run(job, takes, stop);
        }
        DirectPdu direct;
        std::mutex noting;
        std::vector<std::chrono::milliseconds>& turns;
    };

    TempDir folder_;
    std::unique_ptr<Served> served_;
    std::unique_ptr<Spool> spool_;
    std::unique_ptr<Recorder> recorder_;
    std::unique_ptr<PduDevice> device_;
    SwitchSetup setup_;
    pdu::SwitchPermit permit_;
    std::unique_ptr<Switcher> switcher_;
};

}  // namespace pwlog::test
