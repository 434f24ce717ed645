// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "control/control_protocol.h"
#include "control/spool_requests.h"
#include "spool/spool.h"

namespace pwlog {

/// Opens the configured spool for this process. One that another has is waited for, told once: an
/// order without a daemon, `once` or the doctor has it for a moment. Not where a daemon answers,
/// which has it for good. Errors: those of Spool::open, stopped.
Result<std::unique_ptr<Spool>> open_spool(const Config& config, const Clock& clock,
                                          std::chrono::seconds patience,
                                          const std::stop_token& stop);

/// Puts a request to whoever has the configured spool: the daemon, or, where none runs, the spool
/// itself, opened for it. It never makes a spool. Errors: not_found (there is none), busy (`once`
/// or a daemon with another socket has it), those of the spool and of `send`.
Result<void> ask_spool(const Config& config, const ControlRequest& request, const SendPiece& send);

}  // namespace pwlog
