#include "agent/recorder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace pwlog {

Recorder::Recorder(Spool& spool, Origin origin, const Clock& clock, std::function<void()> committed)
    : spool_(spool), clock_(clock), committed_(std::move(committed)), origin_(std::move(origin)) {}

Result<Timestamp> Recorder::record(const DeviceTag& device, Timestamp wanted,
                                   const std::function<Sample(const Origin&, Timestamp)>& make) {
    auto given = append(device.id, Family::metrics, wanted, make);
    if (given) {
        note_step_back(device, wanted, *given);
    }
    return given;
}

Result<Timestamp> Recorder::record_event(const Event& event, Timestamp wanted) {
    return append(event.device.id + "/events", Family::events, wanted,
                  [&](const Origin& origin, Timestamp time) {
                      return Sample{{event_document(origin, event, time)}, {}};
                  });
}

Result<void> Recorder::record_events(const DeviceTag& device, Happenings happenings,
                                     Timestamp wanted) {
    auto& events = happenings.events;
    for (std::size_t begin = 0; begin < events.size(); begin += max_documents_per_entry) {
        const auto end = std::min(begin + max_documents_per_entry, events.size());
        auto recorded =
            append(device.id + "/events", Family::events, wanted,
                   [&](const Origin& origin, Timestamp time) {
                       Sample sample;
                       for (std::size_t i = begin; i < end; ++i) {
                           sample.documents.push_back(event_document(origin, events[i], time));
                       }
                       sample.state = happenings.state;
                       return sample;
                   });
        if (!recorded) {
            return pass_on(recorded);
        }
    }
    return {};
}

Result<void> Recorder::record_beside(const DeviceTag& device, Timestamp time,
                                     const Document& document) {
    if (spool_.free_time(device.id, time) != time) {
        return {};
    }
    auto recorded = append(device.id, Family::metrics, time, [&](const Origin&, Timestamp) {
        return Sample{{document}, {}};
    });
    return recorded ? Result<void>{} : pass_on(recorded);
}

void Recorder::say(const Event& event) {
    if (auto recorded = record_event(event, to_timestamp(clock_.wall_now())); !recorded) {
        spdlog::error("event {} of {} could not be kept: {}", event.action, event.device.id,
                      recorded.error().message);
    }
}

void Recorder::set_clock_synchronised(bool synchronised) {
    const std::lock_guard lock(mutex_);
    origin_.clock_synchronised = synchronised;
}

Origin Recorder::origin() const {
    const std::lock_guard lock(mutex_);
    return origin_;
}

Result<Timestamp> Recorder::append(const std::string& stream, Family family, Timestamp wanted,
                                   const std::function<Sample(const Origin&, Timestamp)>& make) {
    Timestamp time;
    {
        const std::lock_guard lock(mutex_);
        time = spool_.free_time(stream, wanted);
        Sample sample = make(origin_, time);
        Entry entry;
        entry.stream = stream;
        entry.time = time;
        entry.target = index_name(family, time);
        entry.state = std::move(sample.state);
        entry.documents.reserve(sample.documents.size());
        for (auto& document : sample.documents) {
            entry.documents.push_back({std::move(document.id), std::move(document.json)});
        }
        if (auto appended = spool_.append(std::move(entry)); !appended) {
            return pass_on(appended);
        }
    }
    committed_();
    return time;
}

/// The wall clock is not what it was: the last sample is younger than this one, or this one's
/// millisecond had been used before.
void Recorder::note_step_back(const DeviceTag& device, Timestamp wanted, Timestamp given) {
    Timestamp before{};
    {
        const std::lock_guard lock(mutex_);
        auto& newest = newest_[device.id];
        before = std::exchange(newest, given);
    }
    if (wanted > before && given == wanted) {
        return;
    }
    const std::string message =
        fmt::format("the clock stepped back: {} after {}", format_time(wanted),
                    before > wanted ? format_time(before) : "a sample of the same time");
    spdlog::warn("{}: {}", device.id, message);
    Event event;
    event.device = device;
    event.action = "clock_stepped_back";
    event.message = message;
    say(event);
}

}  // namespace pwlog
