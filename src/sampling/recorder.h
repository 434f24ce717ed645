// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock_sync.h"
#include "base/result.h"
#include "document/event.h"
#include "events/logger_watch.h"
#include "sampling/sampled_device.h"
#include "spool/spool.h"

namespace pwlog {

/// One line in the journal: what went wrong or set off an alarm as a warning.
void log_event(const Event& event);

/// The one door into the spool: gives each sample a millisecond of its own and commits it.
/// Thread-safe.
class Recorder {
  public:
    Recorder(Spool& spool, Origin origin, const Clock& clock);

    /// Who is told of each commit, and shown the events; before the first. Must outlive the
    /// recorder.
    void set_witness(Witness* witness) { witness_ = witness; }

    /// Commits the documents that `make` builds for the time they may have: `wanted`, or the first
    /// millisecond after it that no sample of this device has. Where the clock went back an event
    /// says so.
    Result<Timestamp> record(const DeviceTag& device, Timestamp wanted,
                             const std::function<CycleRecord(const Origin&, Timestamp)>& make);

    /// Commits what happened to one device at `wanted` or just after it, and what must be
    /// remembered with it.
    Result<void> record_events(const DeviceTag& device, Happenings happenings, Timestamp wanted);

    /// Keeps what must be known even if the process dies now, without an event. Waits for the disk
    /// for a moment; a failure is logged.
    void remember(const State& state);

    /// Commits a document of a time that may be long past; one that is there already stays as it
    /// is.
    Result<void> record_beside(const DeviceTag& device, Timestamp time, const Document& document);

    /// Commits one event, at `wanted` or just after it.
    Result<Timestamp> record_event(const Event& event, Timestamp wanted);

    /// As record_event, now; a failure is logged, since nothing else hangs on it.
    void say(const Event& event);

    /// What the kernel says of its clock; told where that is news. Each append looks anew.
    ClockSync look_at_clock();
    Origin origin() const;
    /// From now on documents come from there: labels and host.name have changed.
    void set_origin(const Origin& origin);

    /// Asks what happened to the logger itself, and commits it with what must be remembered of it.
    using Look = std::function<std::optional<Event>(LoggerWatch&, Timestamp)>;
    void tell_of_logger(const Look& look);

  private:
    Result<Timestamp> append(const std::string& stream, Family family, Timestamp wanted,
                             const std::function<CycleRecord(const Origin&, Timestamp)>& make);
    State news_of(State state);
    void note_step_back(const DeviceTag& device, Timestamp wanted, Timestamp given);

    Spool& spool_;
    const Clock& clock_;
    Witness* witness_ = nullptr;
    mutable std::mutex mutex_;  // what follows, and one append at a time
    Origin origin_;
    std::map<std::string, Timestamp> newest_;        // per device, when it was last read
    std::map<std::string, std::string> remembered_;  // the state last committed
    LoggerWatch logger_;
    std::optional<ClockSync> told_clock_;
};

}  // namespace pwlog
