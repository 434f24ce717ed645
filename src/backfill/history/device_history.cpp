// SPDX-License-Identifier: MIT
#include "backfill/history/device_history.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "document/event.h"
#include "document/write.h"
#include "events/state_text.h"

namespace pwlog {
namespace {

using enum Field;

constexpr auto usual_interval = std::chrono::seconds(10);

template <class Values>
typename Values::mapped_type value_or_none(const Values& values, const std::string& id) {
    const auto found = values.find(id);
    return found == values.end() ? typename Values::mapped_type{} : found->second;
}

PduContext pdu_context(const std::string& id, const SampleContext& context) {
    PduContext pdu{{id, value_or_none(context.models, id), value_or_none(context.names, id)}};
    const auto names = value_or_none(context.outlet_names, id);
    std::copy_n(names.begin(), std::min(names.size(), pdu.outlet_names.size()),
                pdu.outlet_names.begin());
    if (const auto tariff = context.tariffs.find(id); tariff != context.tariffs.end()) {
        pdu.tariff = tariff->second;
    }
    return pdu;
}

template <class Unit>
std::optional<Unit> as(const std::optional<double>& number) {
    return number ? std::optional<Unit>(Unit(*number)) : std::nullopt;
}

template <class Unit>
std::optional<Unit> as_whole(const std::optional<double>& number) {
    return number ? std::optional<Unit>(Unit(static_cast<int>(*number))) : std::nullopt;
}

/// The meters' part of a reading.
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
        set(reading.active_power, as_whole<Watts>(number(pdu_power_w, outlet_power_w)));
        set(reading.apparent_power, as_whole<VoltAmperes>(number(pdu_power_va, outlet_power_va)));
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

}  // namespace

DeviceHistory::DeviceHistory(const std::string& id, const SampleContext& context)
    : context_(&context),
      pdu_(pdu_context(id, context)),
      ats_{pdu_.device, context.acceptable_phases},
      least_interval_(usual_interval),
      pdu_watch_(pdu_.device, pdu_.outlet_names),
      ats_watch_(pdu_.device) {
    if (const auto known = context.intervals.find(id); known != context.intervals.end()) {
        least_interval_ = known->second;
    }
    least_interval_ = context.interval.value_or(least_interval_);
}

std::vector<Sample> DeviceHistory::samples_of(const JoinedSample& joined) const {
    std::vector<Sample> samples;
    samples.reserve(joined.documents.size());
    for (const auto& [which, values] : joined.documents) {
        samples.push_back({which.first, which.second, joined.time, values});
    }
    return samples;
}

std::vector<Document> DeviceHistory::documents_of(const JoinedSample& joined) {
    if (std::exchange(is_new_source_, false) && last_ && joined.time <= *last_) {
        forget();
    }
    if (!std::exchange(is_joined_, true) && context_->known) {
        join_known(joined.time);
    }
    auto samples = samples_of(joined);
    const bool beside_live = is_beside_live(joined.time);
    const bool in_order = !last_ || joined.time > *last_;
    const auto longest_gap = pace_.longest_gap(least_interval_);
    const bool observed = last_ && joined.time - *last_ <= longest_gap;
    if (in_order) {
        derive_pdu(samples, longest_gap, beside_live);
    }
    std::vector<Event> events;
    for (auto& sample : samples) {
        if (sample.kind == DocumentKind::ats) {
            derive(sample, ats_,
                   interval_since(in_order ? last_ : std::nullopt, joined.time, longest_gap));
            if (in_order && context_->with_events) {
                events = ats_events(sample, observed);
            }
        } else if (!in_order || !is_pdu(sample)) {
            derive(sample, pdu_);
        }
    }
    if (in_order && context_->with_events && std::any_of(samples.begin(), samples.end(), is_pdu)) {
        auto more = pdu_events(samples, joined.time, observed);
        std::move(more.begin(), more.end(), std::back_inserter(events));
    }
    // The readings around a transfer lie between two samples, and say nothing of their pace.
    if (in_order && !is_capsule(samples)) {
        if (last_) {
            pace_.note(joined.time - *last_);
        }
        last_ = joined.time;
    }
    if (beside_live) {
        events.clear();
    }
    std::vector<Document> documents;
    documents.reserve(events.size() + samples.size());
    for (const auto& event : events) {
        documents.push_back(event_document(context_->origin, event, joined.time));
    }
    for (const auto& sample : samples) {
        documents.push_back(write(context_->origin, pdu_.device, sample));
    }
    return documents;
}

/// A source that says itself what an interval's energy was is believed.
/// `counted`: another document has this interval's energy already.
void DeviceHistory::derive_pdu(std::vector<Sample>& samples, std::chrono::milliseconds longest_gap,
                               bool counted) {
    std::vector<Sample> metered;
    std::copy_if(samples.begin(), samples.end(), std::back_inserter(metered), is_pdu);
    const auto intervals = energy_.advance(metered, longest_gap);
    for (auto& sample : samples) {
        if (!is_pdu(sample)) {
            continue;
        }
        auto energy = sample.outlet == 0
                          ? intervals.input
                          : intervals.outlets.at(static_cast<std::size_t>(sample.outlet) - 1);
        const auto said = sample.values.number(either(sample, pdu_interval_wh, outlet_interval_wh));
        if (said && last_) {
            energy = IntervalEnergy{*said, false, *last_};
        }
        if (counted) {
            energy.reset();
            sample.values.drop(either(sample, pdu_interval_wh, outlet_interval_wh));
        }
        derive(sample, pdu_, energy);
    }
}

std::vector<Event> DeviceHistory::pdu_events(const std::vector<Sample>& samples, Timestamp now,
                                             bool observed) {
    for (const auto& sample : samples) {
        if (is_pdu(sample)) {
            pdu_status_.note(sample);
        }
    }
    auto events = pdu_watch_.update(pdu_status_.pdu_status(), now, observed);
    auto more = pdu_watch_.update_meters(meters_of(samples), now, observed);
    std::move(more.begin(), more.end(), std::back_inserter(events));
    return events;
}

std::vector<Event> DeviceHistory::ats_events(const Sample& sample, bool observed) {
    ats_status_.note(sample);
    const AtsSight sight{ats_status_.ats_status(),
                         as_whole<Degrees>(sample.values.number(angle_between_sources)),
                         obstacles_to_takeover(sample.values, ats_)};
    return ats_watch_.update(sight, ats_, sample.time, observed);
}

void DeviceHistory::join_known(Timestamp from) {
    const auto known = context_->known(pdu_.device.id, last_.value_or(from));
    live_ = known.live;
    if (!last_ && known.before) {
        documents_of(*known.before);  // they are there already
        restore_alarms(known);
    }
}

// Alarms that are on have begun when the index says, and end the matter that it has.
void DeviceHistory::restore_alarms(const KnownDevice& known) {
    const auto corrected = [&](const std::string& saved) {
        auto state = StateText::parse(saved);
        for (const auto& [alarm, beginning] : known.alarms) {
            if (const auto name = "alarm." + alarm; !state.get(name).empty()) {
                state.set(name, fmt::format("{} {}", beginning.since.time_since_epoch().count(),
                                            beginning.id));
            }
        }
        return state.text();
    };
    pdu_watch_.restore(corrected(pdu_watch_.save_all()));
    ats_watch_.restore(corrected(ats_watch_.save_all()));
}

bool DeviceHistory::is_beside_live(Timestamp time) const {
    return std::any_of(live_.begin(), live_.end(), [&](const KnownDevice::Span& span) {
        return time >= span.first && time <= span.last;
    });
}

void DeviceHistory::forget() { *this = DeviceHistory(pdu_.device.id, *context_); }

std::string DeviceHistory::save() const {
    JsonObject json;
    if (last_) {
        json.add("last", std::int64_t{last_->time_since_epoch().count()});
    }
    json.add("pace", pace_.save());
    json.add("energy", energy_.save());
    json.add("pdu", pdu_status_.bits);
    json.add("pdu_watch", pdu_watch_.save_all());
    json.add("ats", ats_status_.bits);
    json.add("ats_watch", ats_watch_.save_all());
    json.open_list("live");
    for (const auto& span : live_) {
        json.add_item(fmt::format("{} {}", span.first.time_since_epoch().count(),
                                  span.last.time_since_epoch().count()));
    }
    json.close_list();
    return json.take();
}

void DeviceHistory::restore(std::string_view text) {
    rapidjson::Document saved;
    if (!json::parse(saved, text)) {
        return;
    }
    if (const auto last = json::integer(saved, "last")) {
        last_ = Timestamp(std::chrono::milliseconds(*last));
    }
    pace_.restore(json::text(saved, "pace"));
    if (auto energy = PduEnergyMeter::restore(json::text(saved, "energy"))) {
        energy_ = *energy;
    }
    const auto restore_bits = [](std::string& bits, const std::string& known) {
        bits = known.size() == bits.size() ? known : bits;
    };
    restore_bits(pdu_status_.bits, json::text(saved, "pdu"));
    restore_bits(ats_status_.bits, json::text(saved, "ats"));
    pdu_watch_.restore(json::text(saved, "pdu_watch"));
    ats_watch_.restore(json::text(saved, "ats_watch"));
    // Not asked again: what is made a second time must be the same.
    is_joined_ = last_.has_value();
    live_.clear();
    const auto& spans = json::member(saved, "live");
    for (rapidjson::SizeType i = 0; spans.IsArray() && i < spans.Size(); ++i) {
        const std::string span = spans[i].IsString() ? spans[i].GetString() : "";
        const auto blank = std::min(span.find(' '), span.size());
        const auto first = parse_time(span.substr(0, blank));
        const auto last =
            parse_time(std::string_view(span).substr(std::min(blank + 1, span.size())));
        if (first && last) {
            live_.push_back({*first, *last});
        }
    }
}

}  // namespace pwlog
