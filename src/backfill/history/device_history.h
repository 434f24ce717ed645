// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/history/device_paces.h"
#include "backfill/history/known_status.h"
#include "backfill/history/sample_context.h"
#include "backfill/history/thinning.h"
#include "backfill/map/sample_joiner.h"
#include "document/derive.h"
#include "document/write.h"
#include "events/ats_watch.h"
#include "events/pdu_watch.h"
#include "events/ups_watch.h"

namespace pwlog {

/// One device's history, sample by sample in the order of time: the documents that it would have
/// become had it been read live, with energy, cost and the events between one sample and the next.
class DeviceHistory {
  public:
    DeviceHistory(const std::string& id, const SampleContext& context);

    /// Of a sample: its events first, as live ones are kept. A sample that is no later than the one
    /// before tells nothing of what lies between: it becomes its documents alone.
    std::vector<Document> documents_of(const JoinedSample& joined);

    /// Nothing follows from history; live documents may.
    void finish(std::vector<Document>& documents);

    /// What comes now is from another source. Where that begins earlier nothing goes on from here.
    void begin_source() { is_new_source_ = true; }

    /// What the next sample is told by, as one JSON object and back.
    std::string save() const;
    void restore(std::string_view text);

  private:
    /// All that a sample changes, and what it becomes.
    void take(const JoinedSample& joined, std::vector<Document>& documents);
    void derive_one(Sample& sample, bool in_order, bool counted);
    std::optional<IntervalEnergy> energy_of(Sample& sample, bool counted);
    std::optional<IntervalEnergy> advance_meter(const Sample& sample);
    /// The time since the sample before; 0 where that is a gap.
    std::chrono::milliseconds interval_of(const Sample& sample);
    std::vector<Event> what_happened(const std::vector<Sample>& samples, Timestamp now,
                                     bool observed);
    std::vector<Event> ats_events(const Sample& sample, bool observed);
    void write_all(const std::vector<Sample>& samples, std::vector<Document>& documents);
    void forget();
    /// Once: what the index has of this device already.
    void join_known(Timestamp from);
    void restore_alarms(const KnownDevice& known);
    /// Where live documents stand between the sample before and the next one.
    void pass_live(Timestamp next, std::vector<Document>& documents);
    /// One document more: what was drawn from the last sample to a live document that does not say.
    void close_gap(const LiveSpan& span, std::vector<Document>& documents);

    const SampleContext* context_;
    PduContext pdu_;
    AtsContext ats_;
    bool is_new_source_ = false;
    bool is_joined_ = false;
    LiveSpans live_;
    bool is_live_ = false;  ///< what last_ is of
    std::optional<Timestamp> last_;
    DevicePaces paces_;
    Thinning thinning_;
    SampleWriter writer_;
    PduEnergyMeter energy_;
    PduWatch pdu_watch_;
    AtsWatch ats_watch_;
    UpsWatch ups_watch_;
    KnownStatus pdu_status_ = KnownStatus::of_pdu();
    KnownStatus ats_status_ = KnownStatus::of_ats();
};

}  // namespace pwlog
