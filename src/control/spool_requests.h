// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/control_protocol.h"
#include "control/control_server.h"
#include "spool/spool.h"

namespace pwlog {

/// What can be asked about a spool, by the daemon that owns it or by a command that opened it:
///
///     spool info                      one object, the fields of SpoolInfo
///     spool export    since until ms  a document a line; with bulk=true an action line before each
///     spool rejects   limit           an object for each document that was refused for good
///     spool retry     status type     {"retried":n}
inline constexpr std::array<std::string_view, 4> spool_request_names{
    "spool info", "spool export", "spool rejects", "spool retry"};

/// As documents have it; none where there is none.
std::optional<std::string> time_text(const std::optional<Timestamp>& time);
/// The answer to `spool info`, and what `status` has of the spool.
std::string spool_info_json(const SpoolInfo& info);

/// Takes one piece of an answer, JSON on one line; its error ends the answer.
using SendPiece = std::function<Result<void>(std::string_view json)>;

/// Thread-safe, as the spool is. Errors: those of the spool and of `send`; invalid for a request
/// that is not in the list above.
Result<void> answer_spool_request(Spool& spool, const ControlRequest& request,
                                  const SendPiece& send);

/// The same as handlers of a daemon; the spool must outlive its server.
void add_spool_handlers(ControlHandlers& handlers, Spool& spool);

}  // namespace pwlog
