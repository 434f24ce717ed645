// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

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

/// Both devices know these two.
inline constexpr Query qpi{"QPI", 4};
inline constexpr Query qvfw{"QVFW", 14};

namespace pdu {
inline constexpr Query qmd{"QMD", 31};
inline constexpr Query qgs{"QGS", 77};
inline constexpr Query qpw{"QPW", 44};
inline constexpr Query qpva{"QPVA", 44};
inline constexpr Query qec{"QEC", 80};
inline constexpr Query qsr{"QSR", 111};
inline constexpr std::size_t memory_payload_bytes = 6;
inline constexpr std::string_view protocol_id = "PI90";
}  // namespace pdu

namespace ats {
inline constexpr Query qats{"QATS", 40};
inline constexpr Query qas{"QAS", 24};
inline constexpr Query qri{"QRI", 20};
inline constexpr std::size_t memory_payload_bytes = 6;  // at most: a decimal number
inline constexpr std::string_view protocol_id = "PI97";
}  // namespace ats

}  // namespace pwlog
