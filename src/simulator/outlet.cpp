// SPDX-License-Identifier: MIT
#include "simulator/outlet.h"

namespace pwlog::simulator {
namespace {

using std::chrono::seconds;

constexpr seconds restore_at_once{1};
constexpr std::chrono::minutes overload_patience{1};

int seconds_left(const std::optional<SteadyTime>& end, SteadyTime now) {
    return end && *end > now ? static_cast<int>(std::chrono::ceil<seconds>(*end - now).count()) : 0;
}

}  // namespace

void Outlet::shut_down(SteadyTime now, seconds delay,
                       std::optional<std::chrono::minutes> restore_after) {
    restore_at_.reset();
    shutdown_at_ = now + delay;
    restore_after_.reset();
    if (restore_after) {
        restore_after_ = restore_after->count() == 0 ? restore_at_once : seconds(*restore_after);
    }
    advance(now);
}

void Outlet::cancel() {
    powered_ = powered_ || restore_at_;
    shutdown_at_.reset();
    restore_at_.reset();
    restore_after_.reset();
}

void Outlet::advance(SteadyTime now) {
    if (shutdown_at_ && *shutdown_at_ <= now) {
        powered_ = false;
        overload_since_.reset();
        if (restore_after_) {
            restore_at_ = *shutdown_at_ + *restore_after_;
        }
        shutdown_at_.reset();
        restore_after_.reset();
    }
    if (restore_at_ && *restore_at_ <= now) {
        powered_ = true;
        restore_at_.reset();
    }
    if (overload_since_ && disconnects_ && now - *overload_since_ >= overload_patience) {
        lock();
    }
}

void Outlet::set_overload(bool overloaded, bool disconnects, SteadyTime now) {
    disconnects_ = disconnects;
    if (!overloaded || !powered_) {
        overload_since_.reset();
    } else if (!overload_since_) {
        overload_since_ = now;
    }
}

void Outlet::turn(bool on) {
    cancel();
    locked_ = false;
    overload_since_.reset();
    powered_ = on;
}

void Outlet::lock() {
    turn(false);
    locked_ = true;
}

pdu::OutletState Outlet::state(SteadyTime now, std::chrono::minutes imminent) const {
    using pdu::OutletState;
    if (locked_) {
        return OutletState::locked;
    }
    if (shutdown_at_) {
        return *shutdown_at_ - now <= imminent ? OutletState::shutdown_imminent
                                               : OutletState::shutdown_active;
    }
    if (restore_at_) {
        return OutletState::restore_active;
    }
    if (!powered_) {
        return OutletState::off;
    }
    return overload_since_ ? OutletState::overload : OutletState::on;
}

pdu::Countdown Outlet::countdown(SteadyTime now) const {
    return {seconds_left(shutdown_at_, now), seconds_left(restore_at_, now)};
}

}  // namespace pwlog::simulator
