#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pwlog {

/// A row on a table leaf, as it lies there.
struct LeafCell {
    std::int64_t row_id = 0;
    std::uint64_t payload_size = 0;
    std::string_view local;           ///< the payload's start, or all of it
    std::uint32_t overflow_page = 0;  ///< where it goes on; 0 = all is local
};

/// The rows of a page if it is a table leaf, else none; what reaches beyond the page is left out.
/// `header` is 100 on the file's first page, else 0.
std::vector<LeafCell> leaf_cells(std::string_view page, std::size_t header);

/// One column of a row: a number, or bytes.
struct ColumnValue {
    enum class Kind { null, integer, real, blob, text } kind = Kind::null;
    std::int64_t integer = 0;
    std::string_view bytes;
};

/// The columns of a whole payload; none where it is not a record.
std::optional<std::vector<ColumnValue>> record_columns(std::string_view payload);

}  // namespace pwlog
