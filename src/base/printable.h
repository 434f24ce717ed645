// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace pwlog {

/// Text from a device or a server made fit for a log line: control and non-ASCII bytes as \xNN, cut
/// at `limit` characters with "…". Never lets an escape sequence or a line break through.
std::string printable(std::string_view bytes, std::size_t limit = 120);

}  // namespace pwlog
