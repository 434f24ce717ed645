// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jumping_clock.h"
#include "link/link.h"
#include "simulator/script.h"
#include "simulator/simulated_device.h"

namespace pwlog::test {

/// A simulated device and the line to it, at the wire's pace, on a clock that jumps; follows a
/// script. Lives longer than the links to it. One thread.
class SimulatedLine {
  public:
    SimulatedLine(simulator::DeviceKind kind, std::vector<simulator::ScriptLine> script,
                  const JumpingClock& clock);

    Result<std::unique_ptr<Link>> open();

  private:
    class Wire;
    struct Bytes {
        SteadyTime arrival;
        std::string bytes;
    };

    void follow_script();
    void apply(const simulator::Directive& directive, SteadyTime when);
    bool is_unplugged();
    void respond(const std::string& request, SteadyTime heard);

    const JumpingClock& clock_;
    SteadyTime start_;
    simulator::SimulatedDevice device_;
    std::vector<simulator::ScriptLine> script_;
    std::size_t done_ = 0;               // lines of the script
    std::optional<SteadyTime> plug_at_;  // unplugged until then
    int plugged_ = 0;                    // how often: an old link stays dead
    std::deque<Bytes> answer_;
    SteadyTime busy_until_{};
};

}  // namespace pwlog::test
