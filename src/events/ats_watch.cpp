#include "events/ats_watch.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace pwlog {
namespace {

struct SourceBit {
    bool ats::SourceBits::*bit;
    const char* name;
    const char* words;
};
constexpr std::array<SourceBit, 3> source_bits{{
    {&ats::SourceBits::voltage_bad, "voltage_bad", "voltage is bad"},
    {&ats::SourceBits::freq_bad, "freq_bad", "frequency is bad"},
    {&ats::SourceBits::wave_bad, "wave_bad", "waveform is bad"},
}};

struct StatusBit {
    bool ats::Status::*bit;
    const char* name;
    const char* words;
};
constexpr std::array<StatusBit, 7> status_bits{{
    {&ats::Status::sync_bad, "sync_bad", "the sources are out of step"},
    {&ats::Status::aux1_power_fail, "aux1_power_fail", "auxiliary power supply 1 has failed"},
    {&ats::Status::aux2_power_fail, "aux2_power_fail", "auxiliary power supply 2 has failed"},
    {&ats::Status::short_circuit, "short_circuit", "the output is short-circuited"},
    {&ats::Status::overload_fault, "overload_fault", "the output was switched off for overload"},
    {&ats::Status::overload_alarm, "overload", "the output is overloaded"},
    {&ats::Status::fault_mode, "fault_mode", "the switch is in fault mode"},
}};

constexpr std::size_t first_unnamed_bit =
    16;  // na_c7 to na_c0: nobody outside the maker knows them

std::vector<std::string> reasons_of(const ats::SourceBits& bits) {
    std::vector<std::string> reasons;
    for (const auto& bit : source_bits) {
        if (bits.*bit.bit) {
            reasons.emplace_back(bit.name);
        }
    }
    return reasons;
}

std::optional<std::int64_t> parse(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return code == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                   : std::nullopt;
}

}  // namespace

std::vector<Event> AtsWatch::update(const AtsReading& reading, bool redundant, Timestamp now,
                                    std::chrono::milliseconds longest_gap) {
    const bool observed = last_ && now - *last_ <= longest_gap;
    std::vector<Event> events;
    watch_source(reading, now, observed, events);
    watch_bits(reading.status, redundant, now, observed, events);
    watch_preference(reading.status, observed, events);
    last_ = now;
    last_status_ = reading.status;
    if (reading.measurements.sync_angle) {
        last_angle_ = reading.measurements.sync_angle->value();
    }
    return events;
}

void AtsWatch::watch_bits(const ats::Status& status, bool redundant, Timestamp now, bool observed,
                          std::vector<Event>& events) {
    const auto watch = [&](const Alarm& alarm, bool active) {
        if (auto event = alarms_.update(device_, alarm, active, now, observed)) {
            events.push_back(std::move(*event));
        }
    };
    for (int source = 1; source <= 2; ++source) {
        for (const auto& bit : source_bits) {
            watch({.name = fmt::format("source{}_{}", source, bit.name),
                   .words = fmt::format("source {}: {}", source, bit.words),
                   .outlet = {},
                   .source = source},
                  status.sources[static_cast<std::size_t>(source - 1)].*bit.bit);
        }
    }
    for (const auto& bit : status_bits) {
        watch({.name = bit.name, .words = bit.words}, status.*bit.bit);
    }
    for (std::size_t i = first_unnamed_bit; i < ats::status_bit_names.size(); ++i) {
        const std::string name(ats::status_bit_names[i]);
        watch({.name = name,
               .words = fmt::format("status bit {} is set (its meaning is not known)", name)},
              status.bits.size() > i && status.bits[i] == '1');
    }
    watch({.name = "no_source", .words = "the output hangs on neither source"},
          status.active_source() == 0);
    watch({.name = "redundancy",
           .words = "the other source could not take over",
           .started = "redundancy_lost",
           .ended = "redundancy_restored"},
          !redundant);
}

void AtsWatch::watch_source(const AtsReading& reading, Timestamp now, bool observed,
                            std::vector<Event>& events) {
    const int source = reading.status.active_source();
    if (source == 0) {
        return;  // between two sources, or on neither: the alarm says so, the next source makes the
                 // transfer
    }
    const int preferred = reading.status.preferred_source();
    if (last_source_ != 0 && source != last_source_) {
        const auto left = static_cast<std::size_t>(last_source_ - 1);
        auto reasons = reasons_of(reading.status.sources[left]);
        if (reasons.empty() && last_status_) {
            reasons = reasons_of(last_status_->sources[left]);
        }
        Event event;
        event.device = device_;
        event.action = "transfer";
        event.types = {"change"};
        event.message = fmt::format(
            "{}: transferred from source {} to source {}{}", device_.id, last_source_, source,
            reasons.empty() ? "" : fmt::format(" ({})", fmt::join(reasons, ", ")));
        event.details = {{"from_source", std::int64_t{last_source_}},
                         {"to_source", std::int64_t{source}},
                         {"reasons", reasons},
                         {"observed", observed}};
        if (last_angle_) {
            event.details.push_back({"sync_angle_deg", std::int64_t{*last_angle_}});
        }
        if (source == preferred && away_since_) {
            event.start = away_since_;
            event.end = now;
            event.details.push_back(
                {"away_s", std::chrono::duration<double>(now - *away_since_).count()});
        }
        event.pair_id = event_id(event, now);  // the capsule's documents carry it too
        events.push_back(std::move(event));
    }
    if (source == preferred) {
        away_since_.reset();
    } else if (!away_since_) {
        away_since_ = now;
    }
    last_source_ = source;
}

void AtsWatch::watch_preference(const ats::Status& status, bool observed,
                                std::vector<Event>& events) {
    const int preferred = status.preferred_source();
    if (last_preferred_ != 0 && preferred != last_preferred_) {
        Event event;
        event.device = device_;
        event.action = "preferred_source_changed";
        event.types = {"change"};
        event.message = fmt::format("{}: source {} is preferred now", device_.id, preferred);
        event.details = {{"from_source", std::int64_t{last_preferred_}},
                         {"to_source", std::int64_t{preferred}},
                         {"observed", observed}};
        events.push_back(std::move(event));
    }
    last_preferred_ = preferred;
}

std::string AtsWatch::save() const {
    StateText state;
    alarms_.save(state);
    const auto set = [&](const char* name, const auto& value) {
        if (value) {
            state.set(name, std::to_string(value->time_since_epoch().count()));
        }
    };
    set("last", last_);
    set("away", away_since_);
    state.set("source", std::to_string(last_source_));
    state.set("preferred", std::to_string(last_preferred_));
    return state.text();
}

void AtsWatch::restore(std::string_view text) {
    const auto state = StateText::parse(text);
    alarms_.restore(state);
    if (const auto last = parse(state.get("last"))) {
        last_ = Timestamp(std::chrono::milliseconds(*last));
    }
    if (const auto away = parse(state.get("away"))) {
        away_since_ = Timestamp(std::chrono::milliseconds(*away));
    }
    const auto source = parse(state.get("source")).value_or(0);
    const auto preferred = parse(state.get("preferred")).value_or(0);
    last_source_ = source == 1 || source == 2 ? static_cast<int>(source) : 0;
    last_preferred_ = preferred == 1 || preferred == 2 ? static_cast<int>(preferred) : 0;
}

}  // namespace pwlog
