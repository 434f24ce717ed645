// SPDX-License-Identifier: MIT
#include "device/power_check.h"

#include <catch2/catch.hpp>

using namespace pwlog;

namespace {

const auto watts = *pdu::decode_active_power("0246 0000 0042 0000 0080 0030 0044 0031 0000");
const auto volt_amperes =
    *pdu::decode_apparent_power("0336 0000 0078 0000 0089 0034 0050 0063 0000");
const auto energy = *pdu::decode_energy(
    "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8");

}  // namespace

TEST_CASE("captured power figures raise no suspicion", "[device]") {
    CHECK_FALSE(is_power_suspicious(watts, volt_amperes));
}

TEST_CASE("apparent power taken for active power, or the other way, is suspicious", "[device]") {
    const auto va_as_w = *pdu::decode_active_power("0336 0000 0078 0000 0089 0034 0050 0063 0000");
    const auto w_as_va =
        *pdu::decode_apparent_power("0246 0000 0042 0000 0080 0030 0044 0031 0000");
    CHECK(is_power_suspicious(va_as_w, volt_amperes));
    CHECK(is_power_suspicious(watts, w_as_va));
    CHECK(is_power_suspicious(va_as_w, w_as_va));
}

TEST_CASE("a power answer is told from the other by the readings before", "[device]") {
    const PowerPair before{watts, volt_amperes};
    const auto active = [](const char* text) { return *pdu::decode_active_power(text); };
    const auto apparent = [](const char* text) { return *pdu::decode_apparent_power(text); };
    const char* const va_one_more = "0337 0000 0078 0000 0089 0034 0050 0064 0000";
    const char* const w_one_less = "0245 0000 0041 0000 0080 0030 0044 0031 0000";
    CHECK_FALSE(is_power_swapped({active(w_one_less), apparent(va_one_more)}, before));
    CHECK(is_power_swapped({active(va_one_more), volt_amperes}, before));
    CHECK(is_power_swapped({watts, apparent(w_one_less)}, before));
    CHECK(is_power_swapped(
        {active("0336 0000 0078 0000 0089 0034 0050 0063 0000"), apparent(va_one_more)}, {}));
    CHECK_FALSE(is_power_swapped(before, {}));
    // Loads without a reactive part, which flicker.
    const PowerPair heaters{active("0999 0999 0000 0000 0000 0000 0000 0000 0000"),
                            apparent("1000 1000 0000 0000 0000 0000 0000 0000 0000")};
    const PowerPair a_watt_more{active("1000 1000 0000 0000 0000 0000 0000 0000 0000"),
                                apparent("1001 1001 0000 0000 0000 0000 0000 0000 0000")};
    CHECK_FALSE(is_power_swapped(a_watt_more, heaters));
}

TEST_CASE("a PDU without any load is not suspicious", "[device]") {
    const auto no_watts = *pdu::decode_active_power("0000 0000 0000 0000 0000 0000 0000 0000 0000");
    const auto no_va = *pdu::decode_apparent_power("0000 0000 0000 0000 0000 0000 0000 0000 0000");
    CHECK_FALSE(is_power_suspicious(no_watts, no_va));
}

TEST_CASE("counters may rise by what the load can draw, not fall and not jump", "[device]") {
    auto later = energy;
    CHECK_FALSE(is_energy_suspicious(energy, later, std::chrono::seconds(10)));
    later.input = KilowattHours(701.8);
    CHECK_FALSE(is_energy_suspicious(energy, later, std::chrono::seconds(10)));
    later.input = KilowattHours(702.7);
    CHECK(is_energy_suspicious(energy, later, std::chrono::seconds(10)));
    CHECK_FALSE(is_energy_suspicious(energy, later, std::chrono::hours(1)));
    later.input = KilowattHours(701.6);
    CHECK(is_energy_suspicious(energy, later, std::chrono::seconds(10)));
}

TEST_CASE("two readings of the counters agree within a step", "[device]") {
    auto later = energy;
    later.outlets[3] = KilowattHours(energy.outlets[3]->value() + 0.1);
    CHECK(is_energy_same(energy, later));
    later.outlets[3] = KilowattHours(energy.outlets[3]->value() + 0.2);
    CHECK_FALSE(is_energy_same(energy, later));
}
