// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "events/switch_request.h"
#include "protocol/live_permit.h"
#include "switching/agreed_outlets.h"
#include "switching/pdu_line.h"
#include "switching/switch_goal.h"
#include "switching/switch_limit.h"
#include "switching/switch_order.h"

namespace pwlog {

/// How far it is, while it is waited for.
struct SwitchProgress {
    std::string digits;               ///< as last seen
    std::chrono::seconds left{};      ///< of the countdown; 0 where it is over
    std::chrono::seconds patience{};  ///< until it is given up
};

/// Called while an order is waited for; false: nobody waits for it any more.
using SwitchWatcher = std::function<bool(const SwitchProgress&)>;

/// What became of an order.
struct SwitchReport {
    SwitchRequest request;            ///< as its event tells it
    std::vector<std::string> sent{};  ///< the commands that the device has got, in order
    std::optional<Error> error{};     ///< why not; none where it was done
};

/// What an order runs on.
struct SwitchMeans {
    const pdu::LivePermit& permit;
    PduLine& line;
    const Clock& clock;
    /// How long after the countdown's end the device may take to show the new state.
    std::chrono::milliseconds margin;
    SharedSwitchLimit& limit;
    /// Nothing is sent any more where nothing has been.
    std::stop_token withdrawn;
    /// Told of the order before the device is asked anything, on the caller's thread.
    std::function<void(const SwitchRequest&)> note_begun;

    /// Asked right before the first command; an error keeps it from being sent.
    Result<void> may_send() const {
        return withdrawn.stop_requested() ? fail(ErrorKind::stopped, "who asked for it has gone")
                                          : limit.take(clock.uptime());
    }
};

/// One order on its way: read, send, wait for what was wanted. Each command goes out once. Only the
/// outlets concerned steer it, and its deadline is set once, behind its own commands. One thread.
class SwitchAttempt {
  public:
    SwitchAttempt(const SwitchOrder& order, SwitchReport& report, const SwitchMeans& means)
        : order_(order), report_(report), means_(means) {}

    /// Looks and sends, in one job on the device's thread. `rehearsal`: nothing is sent.
    void start(bool rehearsal);
    /// Where something was sent: until the outlets show what was wanted, or that is hopeless.
    void await(const SwitchWatcher& watcher, const std::stop_token& stop);
    /// Instead of await(): by the device's answer, and one look.
    void conclude();

  private:
    void look_and_send(bool rehearsal, PduDevice& device, const std::stop_token& stop);
    void send_all(const std::vector<pdu::SetCommand>& commands, PduDevice& device,
                  const std::stop_token& stop);
    bool send(const pdu::SetCommand& command, PduDevice& device, const std::stop_token& stop);
    void set_deadline();
    void end_with(SwitchRequest::Outcome outcome, Error error);
    void end_unreached();
    SteadyTime next_look(SteadyTime now) const;
    bool look_again(const std::stop_token& stop);
    bool look(PduDevice& device, const std::stop_token& stop);
    void watch_off(pdu::OutletChoice outlet, PduDevice& device, const std::stop_token& stop);
    void turn_on_after_all(PduDevice& device, const std::stop_token& stop);

    const SwitchOrder& order_;
    SwitchReport& report_;
    const SwitchMeans& means_;
    std::optional<SwitchGoal> goal_;
    OutletStates states_{};
    SteadyTime began_;     // when the last of the order's own commands had gone out
    SteadyTime goes_off_;  // by our clock
    SteadyTime ends_;      // the countdown
    SteadyTime give_up_;
    std::optional<Error> trouble_;  // a command was refused, or its answer lost
    bool was_lost_ = false;
    bool was_accepted_ = false;
    /// Their countdown to off was cancelled, as they are to be on; each is turned on at most once.
    std::array<bool, pdu::outlet_count> cancelled_{};
};

}  // namespace pwlog
