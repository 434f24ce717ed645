// SPDX-License-Identifier: MIT
#include "backfill/history/device_history.h"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backfill/history/sample_parts.h"
#include "base/json_document.h"
#include "base/json_member.h"
#include "base/json_object.h"
#include "document/event.h"
#include "events/state_text.h"

namespace pwlog {
namespace {

using enum Field;

std::chrono::milliseconds least_interval(const std::string& id, const SampleContext& context) {
    constexpr std::chrono::milliseconds usual = std::chrono::seconds(10);
    const auto known = context.intervals.find(id);
    return context.interval.value_or(known == context.intervals.end() ? usual : known->second);
}

}  // namespace

DeviceHistory::DeviceHistory(const std::string& id, const SampleContext& context)
    : context_(&context),
      pdu_(pdu_context(id, context)),
      ats_{pdu_.device, context.acceptable_phases},
      paces_(least_interval(id, context)),
      thinning_(context.interval),
      pdu_watch_(pdu_.device, pdu_.outlet_names),
      ats_watch_(pdu_.device) {}

std::vector<Document> DeviceHistory::documents_of(const JoinedSample& joined) {
    if (std::exchange(is_new_source_, false) && last_ && joined.time <= *last_) {
        forget();
    }
    if (!std::exchange(is_joined_, true) && context_->known) {
        join_known(joined.time);
    }
    std::vector<Document> documents;
    pass_live(joined.time, documents);
    take(joined, documents);
    return documents;
}

void DeviceHistory::take(const JoinedSample& joined, std::vector<Document>& documents) {
    auto samples = samples_of(joined);
    const bool in_order = !last_ || joined.time > *last_;
    const bool observed = last_ && joined.time - *last_ <= paces_.longest_gap();
    if (in_order && !observed) {
        write_all(thinning_.flush(), documents);
    }
    for (auto& sample : samples) {
        derive_one(sample, in_order, live_.has_interval(joined.time));
    }
    if (in_order && context_->with_events) {
        for (const auto& event : what_happened(samples, joined.time, observed)) {
            if (!live_.has(joined.time)) {
                documents.push_back(event_document(context_->origin, event, joined.time));
            }
        }
    }
    // The readings around a transfer lie between two samples, and say nothing of their pace.
    if (in_order && !is_capsule(samples)) {
        for (const auto& sample : samples) {
            paces_.of(sample).note(joined.time);
        }
        last_ = joined.time;
        is_live_ = false;
    }
    write_all(in_order && !is_capsule(samples) ? thinning_.take(std::move(samples)) : samples,
              documents);
}

void DeviceHistory::pass_live(Timestamp next, std::vector<Document>& documents) {
    for (const auto& span : live_.spans) {
        if (last_ && *last_ < span.first && span.first <= next) {
            close_gap(span, documents);
        }
        if (!last_ || *last_ >= span.last || span.last >= next) {
            continue;
        }
        if (const auto last = context_->known ? context_->known->live_at(pdu_.device.id, span.last)
                                              : std::nullopt) {
            write_all(thinning_.flush(), documents);
            std::vector<Document> there_already;
            take(*last, there_already);
            thinning_.begin_at(span.last);
            is_live_ = true;
        }
    }
}

void DeviceHistory::close_gap(const LiveSpan& span, std::vector<Document>& documents) {
    const bool again = span.by_history && span.counted_since == last_;
    if (is_live_ || !context_->known || (span.counted_since && !again)) {
        return;
    }
    const auto first = context_->known->live_at(pdu_.device.id, span.first);
    if (!first) {
        return;
    }
    write_all(thinning_.flush(), documents);
    auto samples = samples_of(*first);
    std::erase_if(samples, [](const Sample& sample) { return !is_pdu(sample); });
    for (const auto& sample : samples) {
        const auto energy = advance_meter(sample);
        paces_.of(sample).note(span.first);
        const auto counter =
            sample.values.number(either(sample, pdu_energy_kwh, outlet_energy_kwh));
        if (energy) {
            Sample joint{sample.kind, sample.outlet, before_live(span.first), {}};
            joint.values.set(either(sample, pdu_energy_kwh, outlet_energy_kwh), counter);
            derive(joint, pdu_, energy);
            write_all({joint}, documents);
        }
    }
    last_ = span.first;
    is_live_ = true;
}

void DeviceHistory::finish(std::vector<Document>& documents) {
    const auto next =
        std::find_if(live_.spans.begin(), live_.spans.end(),
                     [&](const LiveSpan& span) { return last_ && span.first > *last_; });
    if (next != live_.spans.end()) {
        close_gap(*next, documents);
    }
}

void DeviceHistory::write_all(const std::vector<Sample>& samples,
                              std::vector<Document>& documents) {
    for (const auto& sample : samples) {
        documents.push_back({{}, {}, writer_.json(context_->origin, pdu_.device, sample)});
    }
}

/// `counted`: another document has this interval already.
void DeviceHistory::derive_one(Sample& sample, bool in_order, bool counted) {
    const auto interval = in_order && !counted ? interval_of(sample) : std::chrono::milliseconds(0);
    if (sample.kind == DocumentKind::ats) {
        derive(sample, ats_, interval);
    } else if (sample.kind == DocumentKind::ups) {
        derive_ups(sample.values);
    } else if (!in_order) {
        derive(sample, pdu_);
    } else {
        if (sample.kind == DocumentKind::outlet) {
            supply_interval(sample, interval);
        }
        derive(sample, pdu_, energy_of(sample, counted));
    }
}

/// A source that says itself what an interval's energy was is believed.
std::optional<IntervalEnergy> DeviceHistory::energy_of(Sample& sample, bool counted) {
    const auto energy = advance_meter(sample);
    const auto field = either(sample, pdu_interval_wh, outlet_interval_wh);
    if (counted) {
        sample.values.drop(field);
        return std::nullopt;
    }
    const auto said = sample.values.number(field);
    const auto before = paces_.of(sample).newest();
    return said && before ? IntervalEnergy{*said, false, *before} : energy;
}

std::optional<IntervalEnergy> DeviceHistory::advance_meter(const Sample& sample) {
    return of_channel(energy_.advance({&sample, 1}, paces_.gap_of(sample)), sample.outlet);
}

std::chrono::milliseconds DeviceHistory::interval_of(const Sample& sample) {
    return interval_since(paces_.of(sample).newest(), sample.time, paces_.gap_of(sample));
}

std::vector<Event> DeviceHistory::what_happened(const std::vector<Sample>& samples, Timestamp now,
                                                bool observed) {
    std::vector<Event> events;
    const auto add = [&](std::vector<Event> more) {
        std::move(more.begin(), more.end(), std::back_inserter(events));
    };
    for (const auto& sample : samples) {
        if (sample.kind == DocumentKind::ats) {
            add(ats_events(sample, observed));
        } else if (sample.kind == DocumentKind::ups) {
            add(ups_watch_.update(pdu_.device, sample.values.text_or_none(ups_status),
                                  sample.values.text_or_none(ups_alarm), now, observed));
        } else if (is_pdu(sample)) {
            pdu_status_.note(sample);
        }
    }
    if (std::any_of(samples.begin(), samples.end(), is_pdu)) {
        add(pdu_watch_.update(pdu_status_.pdu_status(), now, observed));
        add(pdu_watch_.update_meters(meters_of(samples), now, observed));
    }
    return events;
}

std::vector<Event> DeviceHistory::ats_events(const Sample& sample, bool observed) {
    ats_status_.note(sample);
    const AtsSight sight{ats_status_.ats_status(),
                         as<Degrees>(sample.values.number(angle_between_sources)),
                         obstacles_to_takeover(sample.values, ats_)};
    return ats_watch_.update(sight, ats_, sample.time, observed);
}

void DeviceHistory::join_known(Timestamp from) {
    const auto known = context_->known->find(pdu_.device.id, last_.value_or(from));
    live_ = known.live;
    if (!last_ && !known.before.empty()) {
        std::vector<Document> there_already;
        for (const auto& sample : known.before) {
            take(sample, there_already);
        }
        thinning_.begin_at(known.before.back().time);
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
    ups_watch_.restore(corrected(ups_watch_.save()));
}

void DeviceHistory::forget() { *this = DeviceHistory(pdu_.device.id, *context_); }

std::string DeviceHistory::save() const {
    JsonObject json;
    if (last_) {
        json.add("last", std::int64_t{last_->time_since_epoch().count()});
    }
    json.add("paces", paces_.save());
    json.add("thinning", thinning_.save(context_->origin, pdu_.device));
    json.add("energy", energy_.save());
    json.add("pdu", pdu_status_.bits);
    json.add("pdu_watch", pdu_watch_.save_all());
    json.add("ats", ats_status_.bits);
    json.add("ats_watch", ats_watch_.save_all());
    json.add("ups_watch", ups_watch_.save());
    json.add("is_live", is_live_);
    json.add("live", live_.save());
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
    std::vector<std::string> paces;
    for (const auto& pace : json::elements(saved, "paces")) {
        paces.emplace_back(pace.IsString() ? pace.GetString() : "-");
    }
    paces_.restore(paces);
    thinning_.restore(json::text(saved, "thinning"));
    if (auto energy = PduEnergyMeter::restore(json::text(saved, "energy"))) {
        energy_ = *energy;
    }
    pdu_status_.restore(json::text(saved, "pdu"));
    ats_status_.restore(json::text(saved, "ats"));
    pdu_watch_.restore(json::text(saved, "pdu_watch"));
    ats_watch_.restore(json::text(saved, "ats_watch"));
    ups_watch_.restore(json::text(saved, "ups_watch"));
    // Not asked again: what is made a second time must be the same.
    is_joined_ = last_.has_value();
    is_live_ = json::is_true(saved, "is_live");
    live_ = LiveSpans::restore(json::text(saved, "live"));
}

}  // namespace pwlog
