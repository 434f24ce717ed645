// SPDX-License-Identifier: MIT
#include "backfill/history/sample_parts.h"

#include <algorithm>

namespace pwlog {
namespace {

using enum Field;

}  // namespace

PduContext pdu_context(const std::string& id, const SampleContext& context) {
    const auto known = context.devices.find(id);
    return known == context.devices.end() ? PduContext{{id, ""}} : known->second;
}

std::vector<Sample> samples_of(const JoinedSample& joined) {
    std::vector<Sample> samples;
    samples.reserve(joined.documents.size());
    for (const auto& [which, values] : joined.documents) {
        samples.push_back({which.first, which.second, joined.time, values});
    }
    return samples;
}

const std::optional<IntervalEnergy>& of_channel(const PduEnergyMeter::Intervals& intervals,
                                                int outlet) {
    return outlet == 0 ? intervals.input
                       : intervals.outlets.at(static_cast<std::size_t>(outlet) - 1);
}

PduReading meters_of(const std::vector<Sample>& samples) {
    PduReading reading;
    for (const auto& sample : samples) {
        const auto set = [&](auto& values, auto value) {
            auto& place = sample.outlet == 0
                              ? values.input
                              : values.outlets.at(static_cast<std::size_t>(sample.outlet) - 1);
            place = value;
        };
        const auto number = [&](Field pdu, Field outlet) {
            return sample.values.number(either(sample, pdu, outlet));
        };
        set(reading.active_power, as<Watts>(number(pdu_power_w, outlet_power_w)));
        set(reading.apparent_power, as<VoltAmperes>(number(pdu_power_va, outlet_power_va)));
        set(reading.energy, as<KilowattHours>(number(pdu_energy_kwh, outlet_energy_kwh)));
    }
    return reading;
}

bool is_capsule(const std::vector<Sample>& samples) {
    return std::any_of(samples.begin(), samples.end(), [](const Sample& sample) {
        return sample.values.flag(ats_capsule) == true;
    });
}

bool is_pdu(const Sample& sample) {
    return sample.kind == DocumentKind::pdu || sample.kind == DocumentKind::outlet;
}

}  // namespace pwlog
