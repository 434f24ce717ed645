// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "terminal/text_table.h"

namespace pwlog {

/// The daemon's status (status_json()) for a person. `now` is for "5 s ago". Absent or odd fields
/// show as "-": the daemon may be of another version.
/// Lines fit into `columns` (0: no limit), and what is less important is left out of the table. Of
/// many devices those that are well are only counted, unless `all` are asked for.
std::string status_text(std::string_view json, Timestamp now, std::size_t columns = 0,
                        bool all = false);

/// The answer to `spool info` for a person.
std::string spool_info_text(std::string_view json, Timestamp now);

/// The table that `spool rejects` fills.
TextTable reject_table();
/// Adds one piece of its answer.
void add_reject(TextTable& table, std::string_view json);

}  // namespace pwlog
