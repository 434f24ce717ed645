// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backfill/input/line_reader.h"
#include "backfill/map/field_map.h"
#include "backfill/sources/mapped_source.h"

namespace pwlog {

/// The columns of tables. Of those that are read together not each need have all that are mapped.
struct TableColumns {
    bool several = false;             ///< tables
    std::set<std::string> unknown{};  ///< called like fields of ours that there are none of
    std::set<std::string> found{};
    std::set<std::string> missing{};  ///< in some
    bool all_are_tables = true;       ///< what else there is may have any name

    /// Fails with the name of one that none of them has.
    Result<void> check() const;
};

/// A table of text (RFC 4180): a header, then a row a line; quoted fields may hold line ends. The
/// delimiter (comma, semicolon, tab, bar) is what makes most rows as long as the header, if it is
/// not given (0) or said by a first line `sep=;`. With no map the columns have to be called as our
/// fields are, as in what Kibana exports: `field` or `Label (field)`. A header may begin with `#`.
/// `lines` has to be at its beginning; the header is only looked at. The error (invalid) names a
/// mapped column that is not there, or is there twice; of several what is not there is noted in
/// `all`.
Result<std::unique_ptr<ValueParser>> make_csv_parser(LineReader& lines, FieldMap map,
                                                     MappingOptions options, char delimiter,
                                                     TableColumns* all = nullptr);

}  // namespace pwlog
