// SPDX-License-Identifier: MIT
#include "protocol/identity.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/fields.h"

namespace pwlog {
namespace {

// As captured from a PDU and an ATS. Nothing shorter: a version that lost its last digit is no
// version.
constexpr std::string_view pdu_version = "00.00";
constexpr std::string_view ats_version = "00000.00";

}  // namespace

Result<std::string> decode_protocol_id(std::string_view payload) {
    const bool fits = payload.starts_with("PI") && has_shape(payload.substr(2), "00");
    if (!fits) {
        return garbled("QPI", "PI and two digits expected", payload);
    }
    return std::string(payload);
}

Result<std::string> decode_firmware(std::string_view payload) {
    constexpr std::string_view prefix = "VERFW:";
    const auto version = payload.substr(std::min(prefix.size(), payload.size()));
    const bool fits = payload.starts_with(prefix) &&
                      (has_shape(version, pdu_version) || has_shape(version, ats_version));
    if (!fits) {
        return garbled(
            "QVFW", fmt::format("VERFW: and {} or {} expected", pdu_version, ats_version), payload);
    }
    return std::string(version);
}

Result<void> decode_acknowledgement(std::string_view command, std::string_view payload) {
    if (payload == "ACK") {
        return {};
    }
    if (payload == nak) {
        return fail(ErrorKind::refused, fmt::format("{}: the device refused (NAK)", command));
    }
    return garbled(command, "ACK or NAK expected", payload);
}

}  // namespace pwlog
