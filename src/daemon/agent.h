// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "daemon/device_setup.h"
#include "document/metric_documents.h"
#include "sampling/recorder.h"

namespace pwlog {

struct AgentOptions {
    Origin origin;
    std::vector<DeviceSetup> devices;
    /// Between the logger's own documents; 0 = none.
    std::chrono::milliseconds logger_interval{60000};
};

/// The samplers of one process and the logger's own documents. Made, started, renewed, stopped and
/// asked for its duties by one thread; what else it is asked, by any.
class Agent {
  public:
    Agent(AgentOptions options, Spool& spool, const Clock& clock);
    ~Agent();

    /// Who is shown, besides the spool, what is read and what happens; before start(). Must outlive
    /// the agent.
    void set_witness(Witness* witness);

    /// Error: no thread can be made for one of them; then none runs.
    Result<void> start();
    /// Ends the samplers; a cycle that is being read is given up. At most some hundred
    /// milliseconds.
    void stop(const std::string& reason);

    /// What a reload changed, while it runs: devices that are not in `next` end, those that are new
    /// there or named in `anew` begin with what it says, each between two cycles; the others go on.
    /// Labels and host.name count from now on. Error: no thread can be made for one of them.
    Result<void> renew(AgentOptions next, const std::set<std::string>& anew);

    /// A cycle of every device at once.
    void sample_now();

    /// Reads every device once, in parallel, and commits what could be read: `once`. The devices
    /// that could not be read, with their errors.
    struct Failure {
        std::string device;
        Error error;
    };
    std::vector<Failure> read_once(const std::stop_token& stop);

    /// When perform_duties() is due.
    SteadyTime next_duty() const { return next_duty_; }
    /// The logger's own document, and an event where the spool gave something up. `ship_latency`:
    /// what only the shipper knows.
    void perform_duties(std::optional<std::chrono::milliseconds> ship_latency);

    /// Others write documents of these device.ids, so many since the start: an event, where that is
    /// news.
    void tell_of_conflicts(const std::string& devices, std::int64_t documents);

    /// Every sampler's loop has come round lately: what a watchdog may be fed on.
    bool is_alive() const;

    std::vector<SamplerStatus> samplers() const;
    /// Null where there is no such device.
    std::shared_ptr<Sampler> sampler(const std::string& device) const;
    /// What is read, as it was asked for.
    AgentOptions options() const;
    /// The way to switch the outlets of a PDU; null where there is no such PDU. Use it from any
    /// thread but a sampler's, between start() and stop(). Orders outlive a reload that keeps the
    /// PDU on its port; of one that was taken out they end at once.
    std::shared_ptr<Switcher> switcher(const std::string& device) const;
    Recorder& recorder() { return recorder_; }

  private:
    /// A device that is read, and the way to switch it where it is a PDU: by whoever reads it now.
    struct Reading {
        std::shared_ptr<Sampler> sampler;
        std::shared_ptr<Switcher> switcher{};
        std::shared_ptr<CurrentSampler> current{};
    };
    Reading make(const DeviceSetup& setup, const Reading* before = nullptr);
    void set_up_switching(const PduSetup& setup, Reading& reading);
    bool is_switched_on(const Reading& reading, const AgentOptions& next) const;
    std::shared_ptr<Sampler> make_sampler(const DeviceSetup& setup);
    std::vector<Reading> readings() const;
    void end(const std::vector<Reading>& leaving);
    LoggerHealth health(const SpoolInfo& info,
                        std::optional<std::chrono::milliseconds> ship_latency) const;
    std::chrono::milliseconds duty_period() const;
    void tell_of_losses(std::int64_t dropped);

    Spool& spool_;
    const Clock& clock_;
    Recorder recorder_;
    SteadyTime next_duty_;
    bool started_ = false;
    Witness* witness_ = nullptr;
    mutable std::mutex mutex_;  // what follows
    AgentOptions options_;
    std::vector<Reading> readings_;  // last: their threads use the recorder
};

}  // namespace pwlog
