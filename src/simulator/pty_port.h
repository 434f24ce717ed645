// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/stop_event.h"
#include "simulator/answer_log.h"
#include "simulator/pty_master.h"
#include "simulator/simulated_device.h"

namespace pwlog::simulator {

/// A device on a pseudo-terminal behind a link that stays while the device comes and goes, like a
/// udev name. Bytes move as on the wire: a request is understood when its bytes have had their
/// time, and the answer's bytes come one by one, each at its moment counted from the answer's
/// start, so that no delay adds up.
class PtyPort {
  public:
    struct Options {
        std::string name;
        std::string link;
        std::chrono::nanoseconds think{};  ///< the device's own delay
        bool paced = true;                 ///< false: as fast as it goes
        /// Is told every answer, and what happens to the plug; by the serving thread.
        std::function<void(const AnswerRecord&)> on_answer = [](const AnswerRecord&) {};
        std::function<void(std::string_view event)> on_event = [](std::string_view) {};
    };

    /// Plugs in: the link stands when this returns.
    static Result<std::unique_ptr<PtyPort>> open(const Options& options, SimulatedDevice& device);
    /// Takes the link away.
    ~PtyPort();
    PtyPort(const PtyPort&) = delete;
    PtyPort& operator=(const PtyPort&) = delete;

    /// Serves until a stop is requested. One thread.
    void run(const std::stop_token& stop);

    // From any thread; done by the serving one, also in the middle of an answer.
    void unplug(std::optional<std::chrono::nanoseconds> duration);
    void plug();
    void set_think(std::chrono::nanoseconds delay);

  private:
    PtyPort(Options options, SimulatedDevice& device);

    struct Order {
        bool plug;
        std::optional<std::chrono::nanoseconds> duration;
    };
    void give(Order order);
    void obey();
    Result<void> plug_in();
    void pull_out(std::optional<std::chrono::nanoseconds> duration);
    void try_plug_in();

    void see_reader_off();
    void wait_for_input(const StopEvent& stopped);
    bool wait_until(SteadyTime when, const StopEvent& stopped);
    void hear(std::string_view bytes, const StopEvent& stopped);
    void respond(const std::string& command, const StopEvent& stopped);
    bool has_more_input() const;
    bool send(const Transmission& transmission, AnswerRecord& record, const StopEvent& stopped);

    Options options_;
    SimulatedDevice& device_;
    UniqueFd wake_;
    std::optional<PtyMaster> pty_;  // none: unplugged
    std::optional<SteadyTime> plug_at_;
    SteadyTime heard_until_{};  // when the bytes so far have been through the wire
    std::string request_;
    bool more_heard_ = false;  // behind the request that is being answered

    std::mutex mutex_;  // guards what follows
    std::deque<Order> orders_;
    std::chrono::nanoseconds think_;
};

}  // namespace pwlog::simulator
