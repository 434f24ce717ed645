// SPDX-License-Identifier: MIT
#pragma once

#include "base/result.h"
#include "config/config.h"
#include "control/control_protocol.h"
#include "control/spool_requests.h"

namespace pwlog {

/// Puts a request to whoever has the configured spool: the daemon, or, where none runs, the spool
/// itself, opened for it. It never makes a spool. Errors: not_found (there is none), busy (`once`
/// or a daemon with another socket has it), those of the spool and of `send`.
Result<void> ask_spool(const Config& config, const ControlRequest& request, const SendPiece& send);

}  // namespace pwlog
