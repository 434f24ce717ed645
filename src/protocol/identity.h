// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// QPI: `PI` and two digits, e.g. PI90 (PDU), PI97 (ATS).
Result<std::string> decode_protocol_id(std::string_view payload);

/// QVFW: `VERFW:00.15` or `VERFW:00181.00`; returns the text behind the colon, zeros and all, as
/// the number means nothing without them.
Result<std::string> decode_firmware(std::string_view payload);

/// Set commands answer ACK or NAK; NAK is `refused`, anything else `garbled`.
Result<void> decode_acknowledgement(std::string_view command, std::string_view payload);

/// A query, too, gets NAK when the device does not know it or is busy.
inline constexpr std::string_view nak = "NAK";

}  // namespace pwlog
