// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "backfill/input/line_reader.h"
#include "backfill/map/field_map.h"
#include "backfill/sources/mapped_source.h"

namespace pwlog {

/// A table of text (RFC 4180): a header, then a row a line; quoted fields may hold line ends. The
/// delimiter (comma, semicolon, tab, bar) is what makes most rows as long as the header, if it is
/// not given (0) or said by a first line `sep=;`. With no map the columns have to be called as our
/// fields are, as in what Kibana exports: `field` or `Label (field)`. A header may begin with `#`.
/// `lines` has to be at its beginning; the header is only looked at. The error (invalid) names a
/// mapped column that is not there, or is there twice.
Result<std::unique_ptr<ValueParser>> make_csv_parser(LineReader& lines, FieldMap map,
                                                     MappingOptions options, char delimiter);

}  // namespace pwlog
