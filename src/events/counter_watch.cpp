// SPDX-License-Identifier: MIT
#include "events/counter_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/parse_number.h"
#include "document/energy.h"
#include "protocol/fields.h"

namespace pwlog {

std::optional<Event> CounterWatch::update(const DeviceTag& device,
                                          const std::array<std::string, pdu::outlet_count>& names,
                                          const pdu::Energy& energy, bool observed) {
    std::vector<std::string> fallen;
    std::optional<KilowattHours> before;
    std::optional<KilowattHours> after;
    for (std::size_t i = 0; i < last_.size(); ++i) {
        const auto& now = i == 0 ? energy.input : energy.outlets.at(i - 1);
        if (!now) {
            continue;  // dashes: it stands where it stood
        }
        const auto last = std::exchange(last_.at(i), now);
        if (last && (was_cleared(*last, *now) || (!observed && *now < *last))) {
            fallen.push_back(i == 0 ? std::string("input") : names.at(i - 1));
            before = before.value_or(*last);
            after = after.value_or(*now);
        }
    }
    if (fallen.empty()) {
        return std::nullopt;
    }
    Event event;
    event.device = device;
    event.action = "energy_counter_reset";
    event.type = "change";
    event.message = fmt::format("{}: energy counters were cleared ({}){}", device.called(),
                                fmt::join(fallen, ", "), observed ? "" : " (exact time unknown)");
    event.details = {{"counter_before_kwh", before->value()},
                     {"counter_after_kwh", after->value()},
                     {"count", static_cast<std::int64_t>(fallen.size())},
                     {"observed", observed}};
    return event;
}

void CounterWatch::save(StateText& state) const {
    std::string counters;
    for (const auto& counter : last_) {
        counters += counters.empty() ? "" : " ";
        counters += counter ? fmt::format("{}", counter->value()) : "-";
    }
    state.set("kwh", counters);
}

void CounterWatch::restore(const StateText& state) {
    const std::string counters = state.get("kwh");
    const auto fields = split_fields(counters);
    for (std::size_t i = 0; i < std::min(fields.size(), last_.size()); ++i) {
        if (const auto counter = parse_number<double>(fields[i])) {
            last_.at(i) = KilowattHours(*counter);
        }
    }
}

}  // namespace pwlog
