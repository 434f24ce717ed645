// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "backfill/map/field_map.h"

namespace pwlog {

/// NUT's variables as columns: which field each is.
const FieldMap& nut_map();

/// What upslog writes where nobody said otherwise.
inline constexpr std::string_view usual_upslog_format =
    "%TIME @Y@m@d @H@M@S% %VAR battery.charge% %VAR input.voltage% %VAR ups.load% "
    "[%VAR ups.status%] %VAR ups.temperature% %VAR input.frequency%";

/// Whether the line is one of upslog's, by its usual format.
bool looks_like_upslog(std::string_view line);

/// Reads upslog's files. `format`: as it was given to `upslog -f`; the error (invalid) says what is
/// wrong with it.
Result<std::unique_ptr<ValueParser>> make_upslog_parser(std::string_view format,
                                                        MappingOptions options);

}  // namespace pwlog
