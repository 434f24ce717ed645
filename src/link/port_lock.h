// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace pwlog {

/// Opens the device for one user and locks it: two talkers garble each other's answers.
/// Read and write, never the controlling terminal (O_NOCTTY: else a pulled cable is a SIGHUP to
/// a daemon), close-on-exec, non-blocking. The lock is an flock(): it belongs to this opening and
/// ends with it, whatever ends the process.
/// `path` is where the configured `name` leads.
/// Errors: busy (names the holder), denied (says what to try), not_found, gone, io.
Result<UniqueFd> open_locked(const std::string& name, const std::string& path);

/// Refuses every later open() of the terminal, also by programs that know no flock(); only root's
/// are not refused, so open_locked() asks for such a claim before it lets root in.
Result<void> claim_terminal(int fd, const std::string& name);

/// The refusal for a name that leads nowhere, or where we may not look; `error` is an errno.
tl::unexpected<Error> cannot_open(const std::string& name, const std::string& path, int error);

}  // namespace pwlog
