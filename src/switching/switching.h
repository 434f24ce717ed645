// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "sampling/recorder.h"
#include "switching/open_orders.h"
#include "switching/switch_attempt.h"

namespace pwlog {

/// Whose outlets, and what is allowed with them.
struct SwitchSetup {
    DeviceTag device;
    std::array<std::string, pdu::outlet_count> outlet_names{};
    int per_minute = 10;  ///< requests that send something
    /// How long after the countdown's end the device may take to show the new state.
    std::chrono::milliseconds margin{15'000};
};

/// The one way to switch an outlet of one PDU: checks the permit, reads QGS until two answers
/// agree, sends only what is needed, each command once, waits until QGS shows the new state, and
/// makes an event of every request, refused ones too. Thread-safe; each look at the device is a job
/// of its own, so that waiting keeps no cycle from its time.
class Switcher {
  public:
    Switcher(SwitchSetup setup, const pdu::SwitchPermit& permit, std::shared_ptr<PduLine> line,
             Recorder& recorder, const Clock& clock);

    /// Called while it waits, from the same thread; false: nobody waits for it any more. Then only
    /// what ends within a minute is still seen through, and the countdown goes on in the device.
    using Watcher = SwitchWatcher;
    /// Returns when the device shows the new state, or when that is hopeless; where the order says
    /// not to wait, once the device has accepted it. `withdrawn`: nothing is sent any more where
    /// nothing has been.
    SwitchReport carry_out(const SwitchOrder& order, const Watcher& watcher,
                           const std::stop_token& stop, const std::stop_token& withdrawn = {});

    /// What an order would send now; nothing is sent and no event made.
    SwitchReport rehearse(const SwitchOrder& order, const std::stop_token& stop);

    /// Makes the event of a request that was not even understood (retained, no such outlet, …).
    void refuse(const SwitchOrder& order, const std::string& reason);

    SwitchSetup setup() const;
    /// What a reload changed of the same device, for orders that are yet to come.
    void set_up_anew(SwitchSetup setup);

    /// What may be switched now. A new permit counts for orders that wait or are under way, too:
    /// once set_permit() has returned, nothing goes out that it lacks.
    pdu::SwitchPermit permit() const { return permit_.now(); }
    void set_permit(const pdu::SwitchPermit& permit) { permit_.replace(permit); }

    /// Under which name the spool keeps how often was switched, and taking it up again.
    std::string state_key() const { return setup().device.id + "/switching"; }
    void restore(const std::string& saved) { limit_.restore(saved); }
    /// The same for orders that are not over, of which a process before told no end: that is told
    /// now.
    std::string orders_key() const { return setup().device.id + "/orders"; }
    void tell_of_orders_left(const std::string& saved);

  private:
    SwitchReport begin(const SwitchOrder& order) const;
    SwitchMeans means(const std::stop_token& withdrawn,
                      std::function<void(const SwitchRequest&)> note_begun) {
        return {permit_, *line_, clock_, setup().margin, limit_, withdrawn, std::move(note_begun)};
    }
    std::size_t note_begun(const SwitchRequest& request);
    void finish(SwitchReport& report, std::optional<std::size_t> number = std::nullopt);

    pdu::LivePermit permit_;
    std::shared_ptr<PduLine> line_;
    Recorder& recorder_;
    const Clock& clock_;
    SharedSwitchLimit limit_;
    std::mutex commit_mutex_;  // open_, and one commit of it at a time
    OpenOrders open_;
    mutable std::mutex mutex_;  // setup_
    SwitchSetup setup_;
};

}  // namespace pwlog
