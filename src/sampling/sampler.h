// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "document/sample_pace.h"
#include "sampling/details.h"
#include "sampling/device_reader.h"
#include "sampling/fast_pace.h"
#include "sampling/grid.h"
#include "sampling/job_queue.h"

namespace pwlog {

struct SamplerOptions {
    std::chrono::milliseconds interval{10000};
    /// What changed over a longer time without a reading was not observed, and no energy is
    /// invented for it.
    std::chrono::milliseconds longest_gap() const { return intervals_in_gap * interval; }
    /// Between the readings that lie between two documents; none = no such readings, 0 = as fast as
    /// the line allows.
    std::optional<std::chrono::milliseconds> fast_interval;
    std::string port{};  ///< as configured, for events
    /// How long to wait for a synchronised clock before the first sample.
    std::chrono::milliseconds clock_wait{0};
};

/// Reads one device at fixed intervals, on a thread of its own: one per port, so that devices are
/// read in parallel and none waits for another.
class Sampler {
  public:
    Sampler(std::unique_ptr<SampledDevice> device, Recorder& recorder,
            const SamplerOptions& options, const Clock& clock);

    /// What an earlier process left under these names, before start().
    std::vector<std::string> state_keys() { return reader_.chronicle().state_keys(); }
    void restore(const std::string& key, const std::string& saved) {
        reader_.chronicle().restore(key, saved);
    }

    /// Who is shown each cycle as well; before start(). Must outlive the thread.
    void set_witness(Witness* witness) {
        witness_ = witness;
        reader_.set_witness(witness);
    }

    /// Error: no thread can be made.
    Result<void> start();
    /// Asks the thread to end; the destructor joins it.
    void request_stop() { thread_.request_stop(); }
    /// Asks it to end between two cycles, so that another sampler of the device can be there at the
    /// next tick.
    void request_end();
    /// Waits until it has ended; false after `patience`.
    bool has_ended_within(std::chrono::milliseconds patience);
    void join();
    /// A cycle as soon as possible, beside the grid; that of the next tick where none fits before
    /// it.
    void sample_now();

    /// One cycle on the caller's thread, with its details first: for `once`, instead of start().
    Result<void> read_once(const std::stop_token& stop);

    /// Runs `job`, which usually takes so long, on the device's own thread between two cycles:
    /// nobody else may talk on its line. Where the thread has ended `job` is run at once, told to
    /// stop.
    void post(JobQueue::Job job, std::chrono::milliseconds takes);

    /// Its device.id.
    const std::string& device() const { return reader_.device().tag().id; }
    SamplerStatus status() const { return reader_.status(); }
    /// When the loop last came round; an unreachable device does not stop it, a stuck one would.
    SteadyTime last_turn() const { return last_turn_.load(); }
    std::chrono::milliseconds interval() const { return options_.interval; }

  private:
    void run(const std::stop_token& stop);
    void serve(SteadyTime tick, const std::stop_token& stop);
    bool is_sample_due(SteadyTime tick) const;
    bool may_end(SteadyTime tick) const;
    void end_jobs();
    void wait_for_clock(const std::stop_token& stop);
    void live_until(SteadyTime tick, const std::stop_token& stop);
    SteadyTime next_turn(SteadyTime fast, SteadyTime tick) const;
    SteadyTime next_fast_reading(SteadyTime tick);
    bool spend_time(SteadyTime until, SteadyTime tick, const std::stop_token& stop);
    void do_jobs(SteadyTime tick, const std::stop_token& stop);
    void wait(SteadyTime until, SteadyTime tick, const std::stop_token& stop);
    void read_fast(const std::stop_token& stop);

    Witness* witness_ = nullptr;
    SamplerOptions options_;
    const Clock& clock_;
    DeviceReader reader_;
    // The thread's own.
    Grid grid_;
    FastPace fast_pace_;
    Details details_;
    std::chrono::nanoseconds cycle_took_{};  // the last one

    mutable std::mutex mutex_;  // what follows
    std::stop_source waker_;    // of the wait that is going on
    JobQueue jobs_;
    bool sample_now_ = false;
    bool is_to_end_ = false;
    bool has_ended_ = false;
    std::condition_variable ended_;
    std::atomic<SteadyTime> last_turn_;
    std::jthread thread_;  // last: it uses all of the above
};

}  // namespace pwlog
