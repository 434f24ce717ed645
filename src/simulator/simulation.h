// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "simulator/control_socket.h"
#include "simulator/script.h"
#include "simulator/served.h"

namespace pwlog::simulator {

/// Several devices with a script and a control socket: what `pwlog simulate` runs.
struct SimulationOptions {
    std::vector<std::string> pdu_links;  ///< devices pdu1, pdu2 …
    std::vector<std::string> ats_links;  ///< devices ats1, ats2 …
    bool captures = false;
    std::uint64_t seed = 1;
    std::chrono::nanoseconds think = std::chrono::milliseconds(5);
    bool paced = true;
    double time_factor = 1;
    std::string script;   ///< file; empty: none
    std::string control;  ///< socket; empty: none
    std::string log;      ///< file; empty: none
};

class Simulation {
  public:
    /// All links stand when this returns, and the script's time runs. Errors: invalid (options, or
    /// a script's line), io.
    static Result<std::unique_ptr<Simulation>> start(const SimulationOptions& options);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    const std::vector<std::unique_ptr<Served>>& devices() const { return devices_; }
    /// Any thread.
    Result<void> inject(std::string_view line);

  private:
    Simulation() = default;
    Result<void> add_devices(const SimulationOptions& options);
    Result<void> apply(const Directive& directive);
    Result<void> check_script() const;
    void direct(const std::stop_token& stop);
    void do_due_lines();

    std::unique_ptr<AnswerLog> log_;  // before the devices, which write to it
    std::vector<std::unique_ptr<Served>> devices_;
    std::string script_name_;
    std::vector<ScriptLine> script_;
    std::size_t done_ = 0;  // lines of the script
    std::optional<ControlSocket> control_;
    SteadyTime started_{};
    std::jthread director_;
};

}  // namespace pwlog::simulator
