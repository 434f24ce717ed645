// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>
#include <utility>

#include "device/session.h"
#include "protocol/memory.h"

namespace pwlog {

/// A decoded answer and when it was complete.
template <class T>
struct Timed {
    T value;
    WallTime completed;
};

/// Asks, and takes no answer that `decode` refuses.
template <class T, class Decode>
Result<Timed<T>> ask_timed(Session& session, std::string_view question, std::size_t payload_bytes,
                           const Decode& decode, const std::stop_token& stop) {
    std::optional<T> value;
    const auto accept = [&](std::string_view payload) -> Result<void> {
        Result<T> decoded = decode(payload);
        if (!decoded) {
            return pass_on(decoded);
        }
        value = std::move(*decoded);
        return {};
    };
    auto answer = session.ask(question, payload_bytes, accept, stop);
    if (!answer) {
        return pass_on(answer);
    }
    return Timed<T>{std::move(*value), answer->completed};
}

/// The same without the time.
template <class T, class Decode>
Result<T> ask(Session& session, const Query& query, const Decode& decode,
              const std::stop_token& stop) {
    auto timed = ask_timed<T>(session, query.text, query.payload_bytes, decode, stop);
    if (!timed) {
        return pass_on(timed);
    }
    return std::move(timed->value);
}

}  // namespace pwlog
