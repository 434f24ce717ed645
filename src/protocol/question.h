// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pwlog {

/// The two devices.
enum class DeviceKind { pdu, ats };

/// `pdu`, `ats`.
std::string_view to_keyword(DeviceKind kind);

/// Something to ask a device, which changes nothing there.
struct Question {
    std::string text;
    std::size_t payload_bytes;  ///< of its answer; a guess where the query is not a known one
    /// The error that makes an answer unusable; a query that is not known takes any.
    std::function<Result<void>(std::string_view payload)> check;
};

/// A query by its text, such as `QGS`. Unknown ones are questions, too, where they look like the
/// family's: a `Q` first, or the ATS's `GM`. Error `invalid` for everything else.
Result<Question> question_of(DeviceKind kind, std::string_view text);

}  // namespace pwlog
