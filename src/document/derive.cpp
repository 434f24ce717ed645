// SPDX-License-Identifier: MIT
#include "document/derive.h"

#include <fmt/format.h>

#include "base/json_object.h"

namespace pwlog {
namespace {

using enum Field;

constexpr double rated_input_a = 16;  // RC-16A
constexpr int ratio_decimals = 4;

void derive_power_factor(Sample& sample) {
    const auto watts = sample.values.number(either(sample, pdu_power_w, outlet_power_w));
    const auto volt_amperes = sample.values.number(either(sample, pdu_power_va, outlet_power_va));
    if (watts && volt_amperes && *volt_amperes != 0) {
        sample.values.supply(either(sample, pdu_power_factor, outlet_power_factor),
                             rounded(*watts / *volt_amperes, ratio_decimals));
    }
}

void derive_load(Sample& sample, std::optional<double> limit) {
    const auto current = sample.values.number(either(sample, pdu_input_a, outlet_current_a));
    if (current && limit && *limit > 0) {
        sample.values.supply(either(sample, pdu_load_pct, outlet_load_pct),
                             rounded(*current / *limit, ratio_decimals));
    }
}

// Keyword, words or digit: all three become keyword and digit.
void derive_state(FieldValues& values) {
    const auto* const said = values.text(outlet_state);
    const auto code = values.number(outlet_state_code);
    if (said == nullptr && !code) {
        return;
    }
    for (int digit = 0; digit <= static_cast<int>(pdu::OutletState::locked); ++digit) {
        const auto state = static_cast<pdu::OutletState>(digit);
        const bool same = said != nullptr
                              ? *said == pdu::to_keyword(state) || *said == pdu::to_words(state)
                              : code == digit;
        if (same) {
            values.set(outlet_state, std::string(pdu::to_keyword(state)));
            values.supply(outlet_state_code, std::int64_t{digit});
            return;
        }
    }
    values.drop(outlet_state);
    values.drop(outlet_state_code);
}

void derive_energy(Sample& sample, const std::optional<Tariff>& tariff,
                   const IntervalEnergy& energy) {
    constexpr int cost_decimals = 8;  // a second at 1 W is 10^-7 of a currency's unit
    auto& values = sample.values;
    values.set(either(sample, pdu_interval_wh, outlet_interval_wh), energy.watt_hours);
    if (energy.from_counter) {
        values.set(either(sample, pdu_interval_from_counter, outlet_interval_from_counter), true);
    }
    const auto price = tariff ? mean_price(*tariff, energy.since, sample.time) : std::nullopt;
    if (price) {
        values.set(either(sample, pdu_cost, outlet_cost),
                   rounded(energy.watt_hours / 1000 * *price, cost_decimals));
        if (!tariff->currency.empty()) {
            values.set(either(sample, pdu_currency, outlet_currency), tariff->currency);
        }
    }
}

// Which source feeds the output, from what each of them says of itself.
void derive_active_source(FieldValues& values) {
    const auto first = values.flag(ats_source1_active);
    const auto second = values.flag(ats_source2_active);
    if (first == true || second == true) {
        values.supply(ats_active_source, std::int64_t{first == true ? 1 : 2});
    } else if (first && second) {
        values.supply(ats_active_source, std::int64_t{0});
    }
    values.drop(ats_source1_active);
    values.drop(ats_source2_active);
}

struct Bit {
    Field field;
    const char* name;
};

bool has_word(std::string_view status, std::string_view word) {
    return fmt::format(" {} ", status).find(fmt::format(" {} ", word)) != std::string::npos;
}

}  // namespace

void derive(Sample& sample, const PduContext& context,
            const std::optional<IntervalEnergy>& energy) {
    derive_power_factor(sample);
    if (sample.kind == DocumentKind::outlet) {
        const auto index = static_cast<std::size_t>(sample.outlet) - 1;
        const auto& name = context.outlet_names.at(index);
        derive_state(sample.values);
        derive_load(sample, value_of(context.outlet_alarm.at(index)));
        supply_interval(sample, energy && !energy->is_gap ? sample.time - energy->since
                                                          : std::chrono::milliseconds(0));
        sample.values.set(outlet_number, sample.outlet);
        sample.values.supply(outlet_name,
                             name.empty() ? fmt::format("outlet {}", sample.outlet) : name);
    } else {
        derive_load(sample, rated_input_a);
    }
    if (energy) {
        derive_energy(sample, context.tariff, *energy);
    }
}

std::chrono::milliseconds interval_since(std::optional<Timestamp> before, Timestamp time,
                                         std::chrono::milliseconds longest_gap) {
    const bool follows = before && time > *before && time - *before <= longest_gap;
    return follows ? time - *before : std::chrono::milliseconds(0);
}

void supply_interval(Sample& sample, std::chrono::milliseconds interval) {
    sample.values.supply(sample.kind == DocumentKind::ats ? ats_interval_s : outlet_interval_s,
                         static_cast<double>(interval.count()) / 1000);
}

void derive(Sample& sample, const AtsContext& context,
            std::optional<std::chrono::milliseconds> interval) {
    derive_active_source(sample.values);
    // The readings around a transfer lie between two samples.
    if (interval && sample.values.flag(ats_capsule) != true) {
        supply_interval(sample, *interval);
    }
    if (const auto obstacles = obstacles_to_takeover(sample.values, context)) {
        sample.values.supply(ats_redundant, obstacles->empty());
    }
}

std::optional<bool> runs_on_battery(std::string_view status) {
    const bool on_battery = has_word(status, "OB");
    return on_battery || has_word(status, "OL") ? std::optional(on_battery) : std::nullopt;
}

std::optional<bool> ups_has(std::string_view status, std::string_view word) {
    const bool has = has_word(status, word);
    return has || runs_on_battery(status) ? std::optional(has) : std::nullopt;
}

void derive_ups(FieldValues& values) {
    const auto status = values.text_or_none(ups_status);
    if (const auto on_battery = runs_on_battery(status)) {
        values.supply(ups_on_battery, *on_battery);
    }
    if (const auto low = ups_has(status, "LB")) {
        values.supply(ups_low_battery, *low);
    }
}

std::optional<std::vector<std::string>> obstacles_to_takeover(const FieldValues& values,
                                                              const AtsContext& context) {
    const auto active = values.number(ats_active_source);
    const auto sync_bad = values.flag(ats_alarm_sync_bad);
    if (!active || !sync_bad) {
        return std::nullopt;
    }
    if (*active != 1 && *active != 2) {
        return std::vector<std::string>{"no_source"};
    }
    std::vector<std::string> obstacles;
    const auto& other = source_fields[*active == 1 ? 1 : 0];
    for (const auto& [field, name] :
         {Bit{other.voltage_bad, "voltage_bad"}, Bit{other.freq_bad, "freq_bad"},
          Bit{other.wave_bad, "wave_bad"}}) {
        const auto bad = values.flag(field);
        if (!bad) {
            return std::nullopt;
        }
        if (*bad) {
            obstacles.emplace_back(name);
        }
    }
    // 0: the device takes over at any angle, in step or not. Until it has said so, being out of
    // step counts.
    const bool any_angle = context.acceptable_phases == Degrees(0);
    if (*sync_bad && !any_angle) {
        obstacles.emplace_back("sync_bad");
    }
    const int limit = context.acceptable_phases.value_or(Degrees(0)).value();
    if (limit > 0 && values.number(angle_between_sources).value_or(0) > limit) {
        obstacles.emplace_back("angle");
    }
    if (values.flag(ats_alarm_fault_mode) == true) {
        obstacles.emplace_back("fault_mode");
    }
    return obstacles;
}

}  // namespace pwlog
