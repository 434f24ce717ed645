// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "protocol/frame.h"

namespace pwlog {

/// A question that changes nothing, and the length of its answer's payload where the device keeps
/// to one.
struct Query {
    std::string_view text;
    std::size_t payload_bytes;

    /// Request with its CR, and answer with its parenthesis and CR.
    constexpr double wire_seconds() const {
        return pwlog::wire_seconds(text.size() + 1 + payload_bytes + 2);
    }
};

/// A query with a decoder: the error that makes an answer unusable.
struct KnownQuery {
    Query query;
    Result<void> (*check)(std::string_view payload);
};

/// A decoder, of which only the verdict counts.
template <auto decode>
Result<void> verdict_of(std::string_view payload) {
    const auto decoded = decode(payload);
    return decoded ? Result<void>() : pass_on(decoded);
}

/// Both devices know these two; what is one's own stands in pdu.h and ats.h.
inline constexpr Query qpi{"QPI", 4};
inline constexpr Query qvfw{"QVFW", 14};

namespace pdu {
inline constexpr std::size_t memory_payload_bytes = 6;
inline constexpr std::string_view protocol_id = "PI90";
}  // namespace pdu

namespace ats {
inline constexpr std::size_t memory_payload_bytes = 6;  // at most: a decimal number
inline constexpr std::string_view protocol_id = "PI97";
}  // namespace ats

}  // namespace pwlog
