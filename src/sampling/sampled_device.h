// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "device/session.h"
#include "document/document.h"
#include "document/event.h"
#include "sampling/witness.h"

namespace pwlog {

class PduDevice;

/// What must be remembered, by name: stored in one transaction with what it belongs to.
using State = std::vector<std::pair<std::string, std::string>>;

/// A cycle made into documents, and what must be remembered with them.
struct CycleRecord {
    std::vector<Document> documents;
    State state;
};

/// What a reading showed to have happened, and what must be remembered with it.
struct Happenings {
    std::vector<Event> events;
    State state;
    /// State that others change, too: as it is when it is committed, so that no older one comes
    /// behind a newer one. Called while no other commit is under way.
    std::function<State()> state_then{};
};

/// When something was read: `time` names it, `at` is what durations are measured by.
struct Moment {
    Timestamp time;
    SteadyTime at;
};

/// A device as the sampler sees it, PDU, ATS or UPS: cycles that become documents, faster readings
/// between them from which only events and extremes are kept, and what seldom changes. One thread
/// at a time.
class SampledDevice {
  public:
    virtual ~SampledDevice() = default;

    virtual const DeviceTag& tag() const = 0;
    /// Null where it has no line of its own that could be held open.
    virtual Session* session() { return nullptr; }
    /// The PDU that it is, to be switched; null where it is none.
    virtual PduDevice* pdu() { return nullptr; }

    /// Takes up what an earlier process left under these keys.
    virtual std::vector<std::string> state_keys() const = 0;
    virtual void restore(const std::string& key, const std::string& saved) = 0;

    /// Beyond it a sample does not stand for the time since the one before; else as it was made.
    virtual void set_longest_gap(std::chrono::milliseconds) {}

    /// Reads one whole cycle and keeps it; returns when its first answer was complete.
    virtual Result<WallTime> read_cycle(const std::stop_token& stop) = 0;
    /// The kept cycle as documents of `time`. Moves the energy meters on: once per cycle.
    virtual CycleRecord make_sample(const Origin& origin, Timestamp time) = 0;

    /// Shows the kept cycle to somebody else.
    virtual void show_to(Witness& witness) const = 0;

    /// Reads what events and extremes need, no more.
    virtual Result<WallTime> read_fast(const std::stop_token& stop) { return read_cycle(stop); }

    /// What the last reading, whole or fast, showed. Once after each. `observed`: the device was
    /// watched since the reading before; without, it is not known when what changed did.
    virtual std::vector<Event> what_happened(const Moment& moment, bool observed) = 0;
    /// What it shows that a reading failed, besides that it did.
    virtual std::vector<Event> what_failed(const Error&, Timestamp) { return {}; }
    /// What the next events are told by.
    virtual State state() const = 0;

    /// Readings that are kept beside the regular documents since something happened (transfer
    /// capsules); hands them out once.
    virtual bool has_kept_readings() const { return false; }
    virtual std::vector<std::pair<Timestamp, Document>> take_kept_readings(const Origin&) {
        return {};
    }
    /// It wants to be read as fast as the line allows.
    virtual bool is_hurried(SteadyTime) const { return false; }

    /// What seldom changes, one query at a time, so that it fits between two cycles.
    virtual std::size_t detail_count() const { return 0; }
    /// So many of them, the first ones, are worth asking again within the hour.
    virtual std::size_t frequent_detail_count() const { return 0; }
    virtual Result<void> read_detail(std::size_t, const std::stop_token&) { return {}; }
};

}  // namespace pwlog
