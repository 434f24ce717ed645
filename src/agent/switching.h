#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/posted_job.h"
#include "agent/recorder.h"
#include "agent/switch_limit.h"
#include "agent/switch_order.h"
#include "events/switch_request.h"

namespace pwlog {

/// Whose outlets, and what is allowed with them.
struct SwitchSetup {
    DeviceTag device;
    std::array<std::string, pdu::outlet_count> outlet_names{};
    pdu::SwitchPermit permit{};  ///< nothing by default
    int per_minute = 10;         ///< requests that send something
    /// How long after the countdown's end the device may take to show the new state.
    std::chrono::milliseconds margin{15'000};
};

/// How far it is, while it is waited for.
struct SwitchProgress {
    std::string digits;               ///< as last seen
    std::chrono::seconds left{};      ///< of the countdown; 0 where it is over
    std::chrono::seconds patience{};  ///< until it is given up
};

/// What became of an order.
struct SwitchReport {
    SwitchRequest request;            ///< as its event tells it
    std::vector<std::string> sent{};  ///< the commands, in order
    std::optional<Error> error{};     ///< why not; none where it was done
};

/// The outlets' states as two answers in a row agree on them: one damaged digit could have a
/// running outlet switched. Error `garbled` where no two agree.
Result<OutletStates> read_outlets(PduDevice& device, const std::stop_token& stop);

/// The one way to switch an outlet of one PDU: checks the permit, reads QGS until two answers
/// agree, sends only what is needed, waits until QGS shows the new state, and makes an event of
/// every request, refused ones too. Thread-safe; each look at the device is a job of its own, so
/// that waiting keeps no cycle from its time.
class Switcher {
  public:
    Switcher(SwitchSetup setup, PduRunner runner, Recorder& recorder, const Clock& clock);

    /// Called while it waits, from the same thread; false ends the waiting, not the countdown.
    using Watcher = std::function<bool(const SwitchProgress&)>;
    /// Returns when the device shows the new state, or when that is hopeless; where the order says
    /// not to wait, once the device has accepted it.
    SwitchReport carry_out(const SwitchOrder& order, const Watcher& watcher,
                           const std::stop_token& stop);

    /// What an order would send now; nothing is sent and no event made.
    SwitchReport rehearse(const SwitchOrder& order, const std::stop_token& stop);

    /// Makes the event of a request that was not even understood (retained, no such outlet, …).
    void refuse(const SwitchOrder& order, const std::string& reason);

    const SwitchSetup& setup() const { return setup_; }

    /// Under which name the spool keeps how often was switched, and taking it up again.
    std::string state_key() const { return setup_.device.id + "/switching"; }
    void restore(const std::string& saved);

  private:
    struct Attempt;
    SwitchReport begin(const SwitchOrder& order) const;
    void start(Attempt& attempt, const std::stop_token& stop);
    void look_and_send(Attempt& attempt, PduDevice& device, const std::stop_token& stop);
    void send(Attempt& attempt, PduDevice& device, const std::stop_token& stop);
    void await(Attempt& attempt, const Watcher& watcher, const std::stop_token& stop);
    bool look_again(Attempt& attempt, const std::stop_token& stop);
    bool take_from_limit();
    void finish(SwitchReport& report);

    SwitchSetup setup_;
    PduRunner runner_;
    Recorder& recorder_;
    const Clock& clock_;
    std::mutex mutex_;  // limit_
    SwitchLimit limit_;
};

}  // namespace pwlog
