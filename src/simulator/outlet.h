// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>

#include "protocol/pdu.h"
#include "simulator/moment.h"

namespace pwlog::simulator {

/// One outlet's switch with its countdowns:
///
///     on ── S,<o><n> ──▶ shutdown active ─▶ imminent ──▶ off
///     off ◀─ S, without R          with R ──▶ restore active ──▶ on
///
/// The state shown changes at once, the switch at the countdown's end. An outlet that is off goes
/// the same way: that is how `S,<o>.1R0000` turns it on.
class Outlet {
  public:
    void shut_down(SteadyTime now, std::chrono::seconds delay,
                   std::optional<std::chrono::minutes> restore_after);
    /// Ends any countdown. One that was waiting to restore is restored at once, as the family's
    /// UPSes do it (Voltronic protocol, command C).
    void cancel();
    /// Lets countdowns end and an overload that lasts a minute disconnect.
    void advance(SteadyTime now);

    /// `disconnects`: whether an overload that lasts cuts the outlet off.
    void set_overload(bool overloaded, bool disconnects, SteadyTime now);
    /// By the front panel's button.
    void turn(bool on);
    void lock();

    bool is_powered() const { return powered_; }
    bool is_locked() const { return locked_; }
    /// `imminent`: how long before its end a shutdown is shown as imminent.
    pdu::OutletState state(SteadyTime now, std::chrono::minutes imminent) const;
    pdu::Countdown countdown(SteadyTime now) const;

  private:
    bool powered_ = true;
    bool locked_ = false;
    std::optional<SteadyTime> shutdown_at_;
    std::optional<SteadyTime> restore_at_;
    std::optional<std::chrono::seconds> restore_after_;
    std::optional<SteadyTime> overload_since_;
    bool disconnects_ = false;
};

}  // namespace pwlog::simulator
