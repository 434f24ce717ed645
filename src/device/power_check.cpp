// SPDX-License-Identifier: MIT
#include "device/power_check.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace pwlog {
namespace {

constexpr double step_kwh = 0.1;
constexpr double rounding = 1e-6;
// 16 A at 300 V, and half as much again for an overload.
constexpr double most_kw = 7.5;

template <class Unit, class Other, class Visit>
void visit_pairs(const pdu::PerOutlet<Unit>& one, const pdu::PerOutlet<Other>& other,
                 const Visit& visit) {
    visit(one.input, other.input);
    for (std::size_t i = 0; i < one.outlets.size(); ++i) {
        visit(one.outlets[i], other.outlets[i]);
    }
}

/// In all channels together.
template <class Unit, class Other>
int distance(const pdu::PerOutlet<Unit>& one, const pdu::PerOutlet<Other>& other) {
    int sum = 0;
    visit_pairs(one, other, [&](const auto& a, const auto& b) {
        sum += a && b ? std::abs(a->value() - b->value()) : 0;
    });
    return sum;
}

/// Where there is hardly any reactive part, a load that flickers looks like the other.
bool can_be_told_apart(const PowerPair& power) {
    constexpr int small_part = 20;
    int all = 0;
    visit_pairs(power.apparent, power.apparent,
                [&](const auto& va, const auto&) { all += va ? va->value() : 0; });
    return small_part * distance(power.active, power.apparent) > all;
}

}  // namespace

bool is_power_suspicious(const pdu::ActivePower& active, const pdu::ApparentPower& apparent) {
    bool above = false;
    bool all_equal = true;
    bool any_power = false;
    const auto compare = [&](const std::optional<Watts>& w, const std::optional<VoltAmperes>& va) {
        if (!w || !va) {
            return;
        }
        above = above || w->value() > va->value();
        all_equal = all_equal && w->value() == va->value();
        any_power = any_power || w->value() != 0;
    };
    visit_pairs(active, apparent, compare);
    return above || (all_equal && any_power);
}

bool is_power_swapped(const PowerPair& now, const std::optional<PowerPair>& before) {
    if (!before) {
        return !can_be_told_apart(now) && distance(now.active, now.apparent) > 0;
    }
    return is_power_swapped(now.active, *before) ||
           (can_be_told_apart(*before) &&
            distance(now.apparent, before->active) < distance(now.apparent, before->apparent));
}

bool is_power_swapped(const pdu::ActivePower& now, const PowerPair& before) {
    return can_be_told_apart(before) &&
           distance(now, before.apparent) < distance(now, before.active);
}

bool is_energy_suspicious(const pdu::Energy& before, const pdu::Energy& now,
                          std::chrono::seconds elapsed) {
    const double seconds =
        static_cast<double>(elapsed.count()) + 1;  // elapsed is cut to whole ones
    const double most = step_kwh + most_kw * seconds / 3600.0;
    bool suspicious = false;
    visit_pairs(before, now, [&](const auto& earlier, const auto& later) {
        if (earlier && later) {
            const double drawn = later->value() - earlier->value();
            suspicious = suspicious || drawn < -rounding || drawn > most + rounding;
        }
    });
    return suspicious;
}

bool is_energy_same(const pdu::Energy& one, const pdu::Energy& other) {
    bool same = true;
    visit_pairs(one, other, [&](const auto& a, const auto& b) {
        same = same && a.has_value() == b.has_value() &&
               (!a || std::abs(a->value() - b->value()) <= step_kwh + rounding);
    });
    return same;
}

}  // namespace pwlog
