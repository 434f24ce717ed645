// SPDX-License-Identifier: MIT
#pragma once

#include "document/event.h"
#include "document/metric_documents.h"
#include "document/readings.h"

namespace pwlog::test {

/// Documents in which every field that can be written is written: what the mapping must know.
std::vector<Document> fullest_documents();

/// Events of every kind, made by what makes them.
std::vector<Event> every_event();

/// The captured answers of protocol as readings.
PduReading captured_pdu_reading();
AtsReading captured_ats_reading();

}  // namespace pwlog::test
