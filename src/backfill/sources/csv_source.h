#pragma once

#include <memory>
#include <string>

#include "backfill/input/line_reader.h"
#include "backfill/map/field_map.h"
#include "backfill/sources/mapped_source.h"

namespace pwlog {

/// A table of text (RFC 4180): a header, then a row a line; quoted fields may hold line ends. The
/// delimiter (comma, semicolon, tab, bar) is the one the header has most of. With no map the
/// columns have to be called as our fields are, as in what Kibana exports. `lines` has to be at its
/// beginning; the header is only looked at. The error (invalid) names a mapped column that is not
/// there.
Result<std::unique_ptr<ValueParser>> make_csv_parser(LineReader& lines, FieldMap map,
                                                     MappingOptions options);

}  // namespace pwlog
