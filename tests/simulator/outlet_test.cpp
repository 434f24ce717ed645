// SPDX-License-Identifier: MIT
#include "simulator/outlet.h"

#include <catch2/catch.hpp>

using namespace pwlog;
using namespace std::chrono_literals;
using pdu::OutletState;
using simulator::Outlet;

namespace {

constexpr auto imminent = 3min;
const SteadyTime outset{1h};

/// State, shutdown and restore countdown after `passed`.
struct Shown {
    OutletState state;
    pdu::Countdown countdown;
    bool operator==(const Shown&) const = default;
};

Shown shown(Outlet& outlet, std::chrono::milliseconds passed) {
    outlet.advance(outset + passed);
    return {outlet.state(outset + passed, imminent), outlet.countdown(outset + passed)};
}

}  // namespace

TEST_CASE("a shutdown is active, then imminent for three minutes, then the outlet is off",
          "[simulator]") {
    Outlet outlet;
    CHECK(shown(outlet, 0s) == Shown{OutletState::on, {0, 0}});
    outlet.shut_down(outset, 5min, std::nullopt);
    CHECK(shown(outlet, 0s) == Shown{OutletState::shutdown_active, {300, 0}});
    CHECK(shown(outlet, 119s) == Shown{OutletState::shutdown_active, {181, 0}});
    CHECK(shown(outlet, 120s) == Shown{OutletState::shutdown_imminent, {180, 0}});
    CHECK(shown(outlet, 299500ms) == Shown{OutletState::shutdown_imminent, {1, 0}});
    CHECK(outlet.is_powered());
    CHECK(shown(outlet, 300s) == Shown{OutletState::off, {0, 0}});
    CHECK_FALSE(outlet.is_powered());
}

TEST_CASE("with restore the outlet counts down once more and comes back", "[simulator]") {
    Outlet outlet;
    outlet.shut_down(outset, 6s, 2min);
    CHECK(shown(outlet, 0s) == Shown{OutletState::shutdown_imminent, {6, 0}});
    CHECK(shown(outlet, 6s) == Shown{OutletState::restore_active, {0, 120}});
    CHECK_FALSE(outlet.is_powered());
    CHECK(shown(outlet, 125s) == Shown{OutletState::restore_active, {0, 1}});
    CHECK(shown(outlet, 126s) == Shown{OutletState::on, {0, 0}});
    CHECK(outlet.is_powered());
}

TEST_CASE("restore after 0 minutes is restore after one second", "[simulator]") {
    Outlet outlet;
    outlet.shut_down(outset, 0s, 0min);
    CHECK(shown(outlet, 0s) == Shown{OutletState::restore_active, {0, 1}});
    CHECK(shown(outlet, 1s) == Shown{OutletState::on, {0, 0}});
}

TEST_CASE("a long time without a look changes nothing about the end", "[simulator]") {
    Outlet outlet;
    outlet.shut_down(outset, 6s, 2min);
    CHECK(shown(outlet, 24h) == Shown{OutletState::on, {0, 0}});
}

TEST_CASE("an outlet that is off comes on by shutdown and restore", "[simulator]") {
    Outlet outlet;
    outlet.turn(false);
    outlet.shut_down(outset, 6s, 0min);
    CHECK(shown(outlet, 1s) == Shown{OutletState::shutdown_imminent, {5, 0}});
    CHECK_FALSE(outlet.is_powered());
    CHECK(shown(outlet, 7s) == Shown{OutletState::on, {0, 0}});
}

TEST_CASE("cancelling leaves an outlet on, or brings it back at once", "[simulator]") {
    Outlet outlet;
    outlet.shut_down(outset, 5min, 5min);
    shown(outlet, 1min);
    outlet.cancel();
    CHECK(shown(outlet, 1h) == Shown{OutletState::on, {0, 0}});
    outlet.shut_down(outset + 1h, 0s, 5min);
    CHECK(shown(outlet, 1h + 1min) == Shown{OutletState::restore_active, {0, 240}});
    outlet.cancel();
    CHECK(shown(outlet, 1h + 1min) == Shown{OutletState::on, {0, 0}});
}

TEST_CASE("cancelling where nothing is pending changes nothing", "[simulator]") {
    Outlet outlet;
    outlet.cancel();
    CHECK(outlet.is_powered());
    outlet.turn(false);
    outlet.cancel();
    CHECK_FALSE(outlet.is_powered());
}

TEST_CASE("an overload is shown at once and cuts off after a minute where it may", "[simulator]") {
    Outlet outlet;
    const bool disconnects = GENERATE(true, false);
    outlet.set_overload(true, disconnects, outset);
    CHECK(shown(outlet, 0s).state == OutletState::overload);
    CHECK(shown(outlet, 59s).state == OutletState::overload);
    CHECK(shown(outlet, 60s).state == (disconnects ? OutletState::locked : OutletState::overload));
    CHECK(outlet.is_powered() != disconnects);
}

TEST_CASE("an overload that ends in time is forgotten", "[simulator]") {
    Outlet outlet;
    outlet.set_overload(true, true, outset);
    outlet.set_overload(false, true, outset + 50s);
    outlet.set_overload(true, true, outset + 55s);
    CHECK(shown(outlet, 100s).state == OutletState::overload);
    CHECK(shown(outlet, 115s).state == OutletState::locked);
}
