// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/derive.h"
#include "document/document.h"
#include "document/extremes.h"
#include "protocol/reading.h"

namespace pwlog {

/// Nine documents: the PDU, then outlets 1 to 8. `extremes`: of the readings since the documents
/// before, where there were any.
std::vector<Document> pdu_documents(const Origin& origin, const PduContext& context,
                                    const PduReading& reading, Timestamp time,
                                    const PduEnergyMeter::Intervals& energy,
                                    const std::optional<Extremes>& extremes = {});

/// One document. `interval`: the time since the sample before. `capsule`: for a reading around a
/// transfer, that transfer's event.id.
Document ats_document(const Origin& origin, const AtsContext& context, const AtsReading& reading,
                      Timestamp time, std::optional<std::chrono::milliseconds> interval = {},
                      const std::optional<Extremes>& extremes = {},
                      const std::string& capsule = {});

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
