// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>

#include "base/result.h"
#include "link/link.h"

namespace pwlog {

/// open_link() for who takes turns with others: a port that is in use is waited for, as a question
/// of another command takes a second or two.
Result<std::unique_ptr<Link>> open_in_turn(const PortOptions& options, const std::stop_token& stop);

}  // namespace pwlog
