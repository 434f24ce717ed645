// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"

namespace pwlog {

/// Asks a person on the terminal; `yes` answers for them. Error `denied` where the answer is no, or
/// where there is nobody to ask, or a stop is requested.
Result<void> confirm(const std::string& question, bool yes, const std::stop_token& stop);

}  // namespace pwlog
