// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "backfill/map/field_map.h"
#include "backfill/sources/mapped_source.h"

namespace pwlog {

/// Documents of another index, one a line: hits with `_source`, or the documents alone. Their
/// fields have the names that Elasticsearch shows, `power.in`, however they are nested; `_index`
/// and `_id` are there too. A list of one value is that value.
std::unique_ptr<ValueParser> make_hit_parser(FieldMap map, MappingOptions options);

/// The field that holds a document's time: the one the map has for it, else `@timestamp`, which the
/// map then gets. The error (invalid): it has several.
Result<std::string> find_time_field(FieldMap& map);

}  // namespace pwlog
