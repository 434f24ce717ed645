// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "simulator/pty_port.h"

namespace pwlog::simulator {

/// A simulated device on a pseudo-terminal, served by a thread of its own until the destructor. For
/// `pwlog simulate` and, with its defaults, for tests. Any thread may call it.
class Served {
  public:
    struct Options {
        SimulatedDevice::Options device;
        std::string name;                  ///< empty: `pdu` or `ats`
        std::string link;                  ///< empty: in a folder of its own that goes with it
        std::chrono::nanoseconds think{};  ///< the device's own delay
        bool paced = true;
        const Clock* clock = nullptr;    ///< drives the model; none: the system's
        std::shared_ptr<AnswerLog> log;  ///< none: nothing is written
        bool remembers = true;           ///< keeps all answers for answers()
    };

    static Result<std::unique_ptr<Served>> start(Options options);
    /// Unpaced, without any delay: what most tests want.
    static Options fast_pdu();
    static Options fast_ats();

    ~Served();
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;

    /// The link to open; stays the same when the device is unplugged and plugged in again.
    const std::string& path() const { return options_.link; }
    const std::string& name() const { return options_.name; }

    /// Does what a script's line says, without its time: `fault drop next 1`. `on DEVICE` must name
    /// this one.
    Result<void> inject(std::string_view directive);
    Result<void> apply(const Directive& directive);
    /// Whether a directive that names no device is meant for this one, too.
    bool is_concerned(const Directive& directive) const;

    /// Every answer so far, oldest first.
    std::vector<AnswerRecord> answers() const;
    /// Waits until there have been `count` of them; false where time ran out.
    bool wait_for_answers(std::size_t count,
                          std::chrono::milliseconds within = std::chrono::seconds(10)) const;

  private:
    explicit Served(Options options);
    void note(const AnswerRecord& record);

    Options options_;
    std::filesystem::path own_folder_;  // empty where the link is somebody else's
    SystemClock system_clock_;
    SimulatedDevice device_;
    mutable std::mutex mutex_;  // guards answers_
    mutable std::condition_variable changed_;
    std::vector<AnswerRecord> answers_;
    std::unique_ptr<PtyPort> port_;
    std::jthread thread_;
};

}  // namespace pwlog::simulator
