// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/history/known_status.h"
#include "backfill/history/sample_context.h"
#include "backfill/history/source_pace.h"
#include "backfill/map/sample_joiner.h"
#include "document/derive.h"
#include "events/ats_watch.h"
#include "events/pdu_watch.h"

namespace pwlog {

/// One device's history, sample by sample in the order of time: the documents that it would have
/// become had it been read live, with energy, cost and the events between one sample and the next.
class DeviceHistory {
  public:
    DeviceHistory(const std::string& id, const SampleContext& context);

    /// Of a sample: its events first, as live ones are kept. A sample that is no later than the one
    /// before tells nothing of what lies between: it becomes its documents alone.
    std::vector<Document> documents_of(const JoinedSample& joined);

    /// What comes now is from another source. Where that begins earlier nothing goes on from here.
    void begin_source() { is_new_source_ = true; }

    /// What the next sample is told by, as one JSON object and back.
    std::string save() const;
    void restore(std::string_view text);

  private:
    std::vector<Sample> samples_of(const JoinedSample& joined) const;
    void derive_pdu(std::vector<Sample>& samples, std::chrono::milliseconds longest_gap,
                    bool counted);
    std::vector<Event> pdu_events(const std::vector<Sample>& samples, Timestamp now, bool observed);
    std::vector<Event> ats_events(const Sample& sample, bool observed);
    void forget();
    /// Once: what the index has of this device already.
    void join_known(Timestamp from);
    void restore_alarms(const KnownDevice& known);
    /// Whether it was read live then, too: that has told what happened and counted the energy.
    bool is_beside_live(Timestamp time) const;

    const SampleContext* context_;
    PduContext pdu_;
    AtsContext ats_;
    std::chrono::milliseconds least_interval_;
    bool is_new_source_ = false;
    bool is_joined_ = false;
    std::vector<KnownDevice::Span> live_;
    std::optional<Timestamp> last_;
    SourcePace pace_;
    PduEnergyMeter energy_;
    PduWatch pdu_watch_;
    AtsWatch ats_watch_;
    KnownStatus pdu_status_ = KnownStatus::of_pdu();
    KnownStatus ats_status_ = KnownStatus::of_ats();
};

}  // namespace pwlog
