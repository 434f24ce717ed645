// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "document/metric_documents.h"
#include "mqtt/message.h"
#include "protocol/reading.h"

namespace pwlog {

/// `above`: what stands before `/pdu/…` and `/ats/…`: the prefix, or `prefix/<device.id>`. Topics,
/// keys and their order are those of the Python library's mqtt.py; a value that the device gives as
/// dashes has no key. Numbers with a fraction keep their point (`36.0`), the others have none, as
/// there.

/// `pdu/power/…`, `pdu/outlet/…`, `pdu/status`, and, beyond the library, `pdu/energy/…`.
/// `oldest_form`: also `power/in_w`, `power/out1_w` …, whole watts without JSON, as in 2018.
std::vector<MqttMessage> pdu_messages(const std::string& above, const PduReading& reading,
                                      bool oldest_form);

/// `ats/supply/…`, `ats/status`, and, beyond the library, `ats/redundancy`.
std::vector<MqttMessage> ats_messages(const std::string& above, const AtsContext& context,
                                      const AtsReading& reading);

/// `alert`: the alarms of a PDU and an ATS in one message. One that has not been read yet has no
/// keys.
MqttMessage alert_message(const std::string& above, const std::optional<pdu::Status>& pdu,
                          const std::optional<ats::Status>& ats);

/// `<kind>/availability`, `online` or `offline`. `kind`: pdu, ats or ups.
MqttMessage availability_message(const std::string& above, const std::string& kind, bool online);

}  // namespace pwlog
