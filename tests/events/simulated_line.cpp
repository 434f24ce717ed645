// SPDX-License-Identifier: MIT
#include "simulated_line.h"

#include <algorithm>
#include <variant>

#include "protocol/query.h"

namespace pwlog::test {
namespace {

using std::chrono::nanoseconds;
using namespace pwlog::simulator;

constexpr nanoseconds think = std::chrono::milliseconds(5);
constexpr std::size_t group = 8;  // adapters hand bytes over in groups

nanoseconds wire_time(std::size_t bytes) {
    return std::chrono::duration_cast<nanoseconds>(
        std::chrono::duration<double>(wire_seconds(bytes)));
}

}  // namespace

/// What a session holds.
class SimulatedLine::Wire final : public Link {
  public:
    explicit Wire(SimulatedLine& line) : line_(line), plugged_(line.plugged_) {}

    Result<void> write(std::string_view bytes, SteadyTime, const std::stop_token&) override {
        line_.follow_script();
        if (is_gone()) {
            return fail(ErrorKind::gone, "the plug was pulled");
        }
        const auto heard = line_.clock_.steady_now() + wire_time(bytes.size());
        line_.respond(std::string(bytes.substr(0, bytes.find('\r'))), heard);
        return {};
    }

    Result<std::size_t> read(std::span<char> buffer, SteadyTime deadline,
                             const std::stop_token& stop) override {
        line_.follow_script();
        if (is_gone()) {
            return fail(ErrorKind::gone, "the plug was pulled");
        }
        if (stop.stop_requested()) {
            return fail(ErrorKind::stopped, "asked to stop");
        }
        auto& answer = line_.answer_;
        if (answer.empty() || answer.front().arrival > deadline) {
            line_.clock_.jump(deadline);
            return fail(ErrorKind::timeout, "nothing came");
        }
        line_.clock_.jump(answer.front().arrival);
        const auto count = std::min(buffer.size(), answer.front().bytes.size());
        std::copy_n(answer.front().bytes.begin(), count, buffer.begin());
        answer.front().bytes.erase(0, count);
        if (answer.front().bytes.empty()) {
            answer.pop_front();
        }
        return count;
    }

    Result<void> discard_input() override {
        std::erase_if(line_.answer_, [&](const Bytes& bytes) {
            return bytes.arrival <= line_.clock_.steady_now();
        });
        return {};
    }

    const std::string& name() const override { return name_; }

  private:
    bool is_gone() { return line_.is_unplugged() || plugged_ != line_.plugged_; }

    SimulatedLine& line_;
    int plugged_;
    std::string name_ = "the simulated line";
};

SimulatedLine::SimulatedLine(DeviceKind kind, std::vector<ScriptLine> script,
                             const JumpingClock& clock)
    : clock_(clock),
      start_(clock.steady_now()),
      device_({.kind = kind}, clock),
      script_(std::move(script)) {}

Result<std::unique_ptr<Link>> SimulatedLine::open() {
    follow_script();
    if (is_unplugged()) {
        return fail(ErrorKind::not_found, "no such port");
    }
    return std::make_unique<Wire>(*this);
}

bool SimulatedLine::is_unplugged() {
    if (plug_at_ && *plug_at_ <= clock_.steady_now()) {
        plug_at_.reset();
    }
    return plug_at_.has_value();
}

void SimulatedLine::follow_script() {
    while (done_ < script_.size() && start_ + script_[done_].at <= clock_.steady_now()) {
        apply(script_[done_].directive, start_ + script_[done_].at);
        ++done_;
    }
}

void SimulatedLine::apply(const Directive& directive, SteadyTime when) {
    const auto& action = directive.action;
    if (const auto* rule = std::get_if<FaultRule>(&action)) {
        device_.add_fault(*rule);
    } else if (std::holds_alternative<FaultsOff>(action)) {
        device_.clear_faults();
    } else if (const auto* unplug = std::get_if<Unplug>(&action)) {
        plug_at_ = unplug->duration ? when + *unplug->duration : SteadyTime::max();
        ++plugged_;
        answer_.clear();
    } else if (std::holds_alternative<Plug>(action)) {
        plug_at_.reset();
    } else if (const auto* forced = std::get_if<ForceToken>(&action)) {
        device_.force(*forced);
    } else if (const auto* fixed = std::get_if<FixAnswer>(&action)) {
        device_.fix(*fixed);
    } else if (const auto* pdu = std::get_if<PduOrder>(&action)) {
        (void)device_.order(*pdu);
    } else if (const auto* ats = std::get_if<AtsOrder>(&action)) {
        (void)device_.order(*ats);
    }
}

void SimulatedLine::respond(const std::string& request, SteadyTime heard) {
    const auto answer = device_.answer(request);
    SteadyTime at = std::max(heard, busy_until_) + think;
    for (const auto& piece : answer.transmission.pieces) {
        const auto byte_time = piece.byte_time.value_or(wire_time(1));
        at += piece.pause;
        for (std::size_t begin = 0; begin < piece.bytes.size(); begin += group) {
            const auto bytes = piece.bytes.substr(begin, group);
            at += byte_time * bytes.size();
            answer_.push_back({at, bytes});
        }
    }
    busy_until_ = at;
}

}  // namespace pwlog::test
