// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/alarm_book.h"
#include "protocol/ats.h"

namespace pwlog {

/// Among the status characters: whether source 1 carries the output.
inline constexpr std::size_t on_source1_bit = 7;

/// History may not say it.
bool is_ats_bit_known(const ats::Status& status, std::size_t bit);

/// Each alarm that an ATS's status can raise, and whether it is on.
std::vector<std::pair<Alarm, bool>> ats_alarms(const ats::Status& status);

/// What is bad about a source, by name, and back from a text that has the names.
std::vector<std::string> bad_parts(const ats::SourceBits& bits);
ats::SourceBits bits_of(std::string_view bad_parts);

}  // namespace pwlog
