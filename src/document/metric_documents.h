#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/document.h"
#include "document/energy.h"
#include "document/extremes.h"
#include "document/tariff.h"
#include "protocol/reading.h"

namespace pwlog {

/// What is known of a PDU besides the reading.
struct PduContext {
    DeviceTag device;
    std::array<std::string, pdu::outlet_count> outlet_names;  ///< empty: `outlet 3`
    /// The outlets' alarm thresholds from the memory map, once it has been read.
    std::array<std::optional<Amperes>, pdu::outlet_count> outlet_alarm;
    std::optional<Tariff> tariff;
};

/// What is known of an ATS besides the reading.
struct AtsContext {
    DeviceTag device;
    /// Memory 18: the greatest angle at which it transfers; none or 0 where it does not look.
    std::optional<Degrees> acceptable_phases;
};

/// Nine documents: the PDU, then outlets 1 to 8. `extremes`: of the readings since the documents
/// before, where there were any.
std::vector<Document> pdu_documents(const Origin& origin, const PduContext& context,
                                    const PduReading& reading, Timestamp time,
                                    const PduEnergyMeter::Intervals& energy,
                                    const std::optional<PduExtremes>& extremes = {});

/// One document. `capsule`: for a reading around a transfer, that transfer's event.id.
Document ats_document(const Origin& origin, const AtsContext& context, const AtsReading& reading,
                      Timestamp time, const std::optional<AtsExtremes>& extremes = {},
                      const std::string& capsule = {});

/// What keeps the other source from taking over now: `voltage_bad`, `freq_bad`, `wave_bad` of that
/// source, `sync_bad`, `angle`; `no_source` where the output hangs on neither.
std::vector<std::string> obstacles_to_takeover(const AtsReading& reading,
                                               const AtsContext& context);
/// There are none.
bool is_redundant(const AtsReading& reading, const AtsContext& context);

/// The logger's own health: documents counted since the spool was made, and what waits.
struct LoggerHealth {
    std::uint64_t read = 0;
    std::uint64_t stored = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::uint64_t pending = 0;
    std::uint64_t dropped = 0;
    std::uint64_t read_errors = 0;
    std::uint64_t cycles_late = 0;
    std::uint64_t spool_bytes = 0;
    std::optional<std::chrono::milliseconds> ship_latency;
};

/// One document; its device is this host's logger.
Document logger_document(const Origin& origin, const LoggerHealth& health, Timestamp time);

/// `logger.<host>`: the device.id of a logger's own documents.
std::string logger_device_id(const Origin& origin);

}  // namespace pwlog
