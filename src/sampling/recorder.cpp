// SPDX-License-Identifier: MIT
#include "sampling/recorder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "document/metric_documents.h"

namespace pwlog {
namespace {

constexpr const char* logger_key = "logger/watch";

}  // namespace

Recorder::Recorder(Spool& spool, Origin origin, const Clock& clock)
    : spool_(spool),
      clock_(clock),
      origin_(std::move(origin)),
      logger_({logger_device_id(origin_), "", origin_.host_name}) {
    origin_.clock_synchronised = sync_of(clock) == ClockSync::synchronised;
    if (const auto saved = spool_.state(logger_key)) {
        logger_.restore(*saved);
    }
}

Result<Timestamp> Recorder::record(
    const DeviceTag& device, Timestamp wanted,
    const std::function<CycleRecord(const Origin&, Timestamp)>& make) {
    auto given = append(device.id, Family::metrics, wanted, make);
    if (given) {
        note_step_back(device, wanted, *given);
    }
    return given;
}

Result<Timestamp> Recorder::record_event(const Event& event, Timestamp wanted) {
    return append(event.device.id + "/events", Family::events, wanted,
                  [&](const Origin& origin, Timestamp time) {
                      return CycleRecord{{event_document(origin, event, time)}, {}};
                  });
}

Result<void> Recorder::record_events(const DeviceTag& device, Happenings happenings,
                                     Timestamp wanted) {
    auto& events = happenings.events;
    for (std::size_t begin = 0; begin < events.size(); begin += max_documents_per_entry) {
        const auto end = std::min(begin + max_documents_per_entry, events.size());
        auto recorded = append(
            device.id + "/events", Family::events, wanted,
            [&](const Origin& origin, Timestamp time) {
                CycleRecord sample;
                for (std::size_t i = begin; i < end; ++i) {
                    sample.documents.push_back(event_document(origin, events[i], time));
                }
                sample.state = happenings.state_then ? happenings.state_then() : happenings.state;
                return sample;
            });
        if (!recorded) {
            return pass_on(recorded);
        }
    }
    return {};
}

void Recorder::remember(const State& state) {
    for (const auto& [name, value] : state) {
        if (const auto kept = spool_.remember(name, value); !kept) {
            spdlog::warn("{} could not be kept: {}", name, kept.error().message);
        } else {
            const std::lock_guard lock(mutex_);
            remembered_[name] = value;
        }
    }
}

Result<void> Recorder::record_beside(const DeviceTag& device, Timestamp time,
                                     const Document& document) {
    if (spool_.free_time(device.id, time) != time) {
        return {};
    }
    auto recorded = append(device.id, Family::metrics, time, [&](const Origin&, Timestamp) {
        return CycleRecord{{document}, {}};
    });
    return recorded ? Result<void>{} : pass_on(recorded);
}

void log_event(const Event& event) {
    const bool alarm = event.kind == "alert" && event.type == "start";
    const auto level =
        alarm || event.outcome == "failure" ? spdlog::level::warn : spdlog::level::info;
    // Some messages end with their reason, as they are stored with it: it is not said twice.
    const bool is_said = event.message.find(event.reason) != std::string::npos;
    spdlog::log(level, "{}{}{}", event.message, is_said ? "" : ": ", is_said ? "" : event.reason);
}

void Recorder::say(const Event& event) {
    if (auto recorded = record_event(event, to_timestamp(clock_.wall_now())); !recorded) {
        spdlog::error("event {} of {} could not be kept: {}", event.action, event.device.id,
                      recorded.error().message);
    }
}

ClockSync Recorder::look_at_clock() {
    const ClockSync sync = sync_of(clock_);
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(told_clock_, sync) == sync) {
            return sync;
        }
        origin_.clock_synchronised = sync == ClockSync::synchronised;
    }
    if (sync == ClockSync::unknown) {
        spdlog::warn(
            "whether the clock is synchronised is not known, as the kernel does not let itself be "
            "asked (clock_adjtime): documents are marked as unsynchronised; a sandbox needs "
            "SystemCallFilter=clock_adjtime adjtimex");
        return sync;
    }
    const bool synchronised = sync == ClockSync::synchronised;
    tell_of_logger(
        [&](LoggerWatch& watch, Timestamp now) { return watch.clock_is(synchronised, now); });
    return sync;
}

void Recorder::tell_of_logger(const Look& look) {
    look_at_clock();  // what the clock has to tell comes before
    const auto now = to_timestamp(clock_.wall_now());
    Happenings happenings;
    DeviceTag self;
    {
        const std::lock_guard lock(mutex_);
        auto event = look(logger_, now);
        if (!event) {
            return;
        }
        self = event->device;
        happenings.events.push_back(std::move(*event));
        happenings.state_then = [this] { return State{{logger_key, logger_.save()}}; };
    }
    log_event(happenings.events.front());
    if (auto recorded = record_events(self, std::move(happenings), now); !recorded) {
        spdlog::error("an event of the logger could not be kept: {}", recorded.error().message);
    }
}

Origin Recorder::origin() const {
    const std::lock_guard lock(mutex_);
    return origin_;
}

void Recorder::set_origin(const Origin& origin) {
    const std::lock_guard lock(mutex_);
    const bool synchronised = origin_.clock_synchronised;
    if (origin.host_name != origin_.host_name) {
        logger_.rename({logger_device_id(origin), "", origin.host_name});
    }
    origin_ = origin;
    origin_.clock_synchronised = synchronised;
}

Result<Timestamp> Recorder::append(
    const std::string& stream, Family family, Timestamp wanted,
    const std::function<CycleRecord(const Origin&, Timestamp)>& make) {
    look_at_clock();
    Timestamp time;
    std::vector<Document> events;
    {
        const std::lock_guard lock(mutex_);
        time = spool_.free_time(stream, wanted);
        CycleRecord sample = make(origin_, time);
        if (witness_ != nullptr && family == Family::events) {
            events = sample.documents;
        }
        Entry entry;
        entry.stream = stream;
        entry.time = time;
        entry.state = news_of(std::move(sample.state));
        entry.documents = std::move(sample.documents);
        const State state = entry.state;
        if (auto appended = spool_.append(std::move(entry)); !appended) {
            return pass_on(appended);
        }
        for (const auto& [name, value] : state) {
            remembered_[name] = value;
        }
    }
    if (witness_ != nullptr) {
        witness_->committed();
    }
    for (const auto& event : events) {
        witness_->heard(event);
    }
    return time;
}

/// What is remembered as it is needs not be written again with each sample.
State Recorder::news_of(State state) {
    std::erase_if(state, [&](const auto& item) {
        const auto known = remembered_.find(item.first);
        return known != remembered_.end() && known->second == item.second;
    });
    return state;
}

/// The wall clock is not what it was: the last reading is younger than this one, or the first of
/// this run falls on a time that an earlier run had used. Two readings within a millisecond are
/// none of it.
void Recorder::note_step_back(const DeviceTag& device, Timestamp wanted, Timestamp given) {
    std::optional<Timestamp> before;
    {
        const std::lock_guard lock(mutex_);
        if (const auto [known, is_first] = newest_.try_emplace(device.id, wanted); !is_first) {
            before = std::exchange(known->second, wanted);
        }
    }
    if (before ? wanted >= *before : given == wanted) {
        return;
    }
    const std::string message =
        fmt::format("the clock stepped back: {} after {}", format_time(wanted),
                    before ? format_time(*before) : "a sample of the same time");
    spdlog::warn("{}: {}", device.id, message);
    Event event;
    event.device = device;
    event.action = "clock_stepped_back";
    event.type = "change";
    event.message = fmt::format("{}: {}", device.called(), message);
    say(event);
}

}  // namespace pwlog
