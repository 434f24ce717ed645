// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "backfill/map/field_map.h"
#include "backfill/sources/mapped_source.h"

namespace pwlog {

/// InfluxDB line protocol:
///
///     power,outlet=out1,host=pi w=55i,va=60i,on=t 1700000000000000000
///
/// A map sees the measurement as `measurement`, tags and fields by their names. The time is in
/// nanoseconds, or in whichever unit its size tells.
std::unique_ptr<ValueParser> make_influx_parser(FieldMap map, MappingOptions options);

}  // namespace pwlog
