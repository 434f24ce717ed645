// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace pwlog {

/// pwlog's own version, such as "0.1.0": agent.version in documents.
extern const std::string_view version;

}  // namespace pwlog
