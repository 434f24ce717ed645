// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace pwlog {

/// What is said on the control socket: lines of JSON, one request at a time.
///
///     > {"request":"spool rejects","limit":10}
///     < {"data":{"id":"rack1-pdu/…","reason":"…"}}    any number of these
///     < {"done":true}                                 or {"error":"…","kind":"not_found"}
using ControlValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// A question with its arguments, which are flat.
struct ControlRequest {
    std::string name;
    std::map<std::string, ControlValue, std::less<>> arguments;

    /// The argument, if it is there and of that type.
    template <class T>
    std::optional<T> get(std::string_view key) const {
        const auto found = arguments.find(key);
        const T* value = found == arguments.end() ? nullptr : std::get_if<T>(&found->second);
        return value == nullptr ? std::nullopt : std::optional<T>(*value);
    }
};

/// One line of an answer.
struct ControlReplyLine {
    bool last = false;
    std::string data;            ///< of a line that is not the last: JSON
    std::optional<Error> error;  ///< of the last, where the request failed
};

/// No line feed at their ends.
std::string encode_request(const ControlRequest& request);
std::string encode_data(std::string_view json);
std::string encode_done();
std::string encode_error(const Error& error);

/// Error: invalid, with what is wrong with it.
Result<ControlRequest> decode_request(std::string_view line);
/// Error: garbled.
Result<ControlReplyLine> decode_reply(std::string_view line);

/// "timeout", "wrong_device" …
std::string_view error_kind_name(ErrorKind kind);

}  // namespace pwlog
