// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "document/metric_documents.h"
#include "link/link.h"
#include "sampling/recorder.h"
#include "sampling/sampler.h"
#include "switching/switching.h"

namespace pwlog {

/// One PDU to be read.
struct PduSetup {
    PortOptions port;
    SessionOptions session;
    SamplerOptions sampler;
    PduContext context;
    pdu::SwitchPermit switchable{};  ///< outlets that may be switched
    int switch_limit = SwitchSetup{}.per_minute;
};

/// One ATS to be read.
struct AtsSetup {
    PortOptions port;
    SessionOptions session;
    SamplerOptions sampler;
    AtsContext context;
    bool with_capsule = true;  ///< keep the readings around a transfer
};

struct AgentOptions {
    Origin origin;
    std::vector<PduSetup> pdus;
    std::vector<AtsSetup> ats;
    /// Between the logger's own documents; 0 = none.
    std::chrono::milliseconds logger_interval{60000};
};

/// The samplers of one process and the logger's own documents. Made, started, stopped and asked for
/// its duties by one thread; status() by any.
class Agent {
  public:
    /// `committed` is called from the samplers' threads after each commit.
    Agent(AgentOptions options, Spool& spool, const Clock& clock, std::function<void()> committed);
    ~Agent();

    /// Who is shown, besides the spool, what is read and what happens; before start(). Must outlive
    /// the agent.
    void set_witness(Witness* witness);

    /// See Sampler::set_cycle_end(); for every device.
    void set_cycle_end(const std::function<void()>& tell);
    /// A device is being read, so its documents are still to come. From any thread.
    bool is_reading() const;

    /// Error: no thread can be made for one of them; then none runs.
    Result<void> start();
    /// Ends the samplers; a cycle that is being read is given up. At most some hundred
    /// milliseconds.
    void stop(const std::string& reason);

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
    Sampler* sampler(const std::string& device);
    /// What is read, as it was asked for.
    const AgentOptions& options() const { return options_; }
    /// The way to switch the outlets of a PDU; null where there is no such PDU. Use it from any
    /// thread but a sampler's, between start() and stop().
    Switcher* switcher(const std::string& device);
    Recorder& recorder() { return recorder_; }

  private:
    Sampler& add(std::unique_ptr<SampledDevice> device, SamplerOptions options,
                 const std::string& port);
    void add_switcher(const PduSetup& setup, Sampler& sampler);
    LoggerHealth health(const SpoolInfo& info,
                        std::optional<std::chrono::milliseconds> ship_latency) const;
    std::chrono::milliseconds duty_period() const;
    void tell_of_losses(std::int64_t dropped);

    AgentOptions options_;
    Spool& spool_;
    const Clock& clock_;
    Recorder recorder_;
    SteadyTime next_duty_;
    bool started_ = false;
    std::vector<std::unique_ptr<Switcher>> switchers_;
    std::vector<std::unique_ptr<Sampler>> samplers_;  // last: their threads use the recorder
};

}  // namespace pwlog
