#include "spool/page_cells.h"

#include <algorithm>

#include "spool/schema.h"

namespace pwlog {

namespace {

constexpr char table_leaf = 0x0d;
/// More than any of our tables has: what claims more is no record of ours.
constexpr std::size_t most_columns = 20;

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) {
        value = (value << 8U) | static_cast<unsigned char>(byte);
    }
    return value;
}

/// Cuts a variable-length integer off the front; none where it does not end.
std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 9 && i < bytes.size(); ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (i == 8 || (byte & 0x80U) == 0) {
            value = i == 8 ? (value << 8U) | byte : (value << 7U) | byte;
            bytes.remove_prefix(i + 1);
            return value;
        }
        value = (value << 7U) | (byte & 0x7fU);
    }
    return std::nullopt;
}

/// How much of a payload stays on the page; the rest is on overflow pages.
std::uint64_t local_size(std::uint64_t payload) {
    constexpr std::uint64_t most = page_size - 35;
    constexpr std::uint64_t least = (page_size - 12) * 32 / 255 - 23;
    if (payload <= most) {
        return payload;
    }
    const std::uint64_t fitting = least + (payload - least) % (page_size - 4);
    return fitting <= most ? fitting : least;
}

std::optional<LeafCell> read_cell(std::string_view bytes) {
    const auto size = take_varint(bytes);
    const auto row_id = take_varint(bytes);
    if (!size || !row_id) {
        return std::nullopt;
    }
    const std::uint64_t local = local_size(*size);
    const bool overflows = local < *size;
    if (local + (overflows ? 4 : 0) > bytes.size()) {
        return std::nullopt;
    }
    LeafCell cell{static_cast<std::int64_t>(*row_id), *size, bytes.substr(0, local), 0};
    if (overflows) {
        cell.overflow_page = static_cast<std::uint32_t>(big_endian(bytes.substr(local, 4)));
    }
    return cell;
}

std::int64_t signed_integer(std::string_view bytes) {
    const auto shift = static_cast<unsigned>(64 - 8 * bytes.size());
    return bytes.empty() ? 0 : static_cast<std::int64_t>(big_endian(bytes) << shift) >> shift;
}

std::size_t size_of(std::uint64_t type) {
    constexpr std::array<std::size_t, 12> sizes = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
    return type < sizes.size() ? sizes.at(type) : static_cast<std::size_t>((type - 12) / 2);
}

ColumnValue make_value(std::uint64_t type, std::string_view bytes) {
    using Kind = ColumnValue::Kind;
    if (type >= 12) {
        return {type % 2 == 0 ? Kind::blob : Kind::text, 0, bytes};
    }
    if (type == 8 || type == 9) {
        return {Kind::integer, static_cast<std::int64_t>(type) - 8, {}};
    }
    if (type >= 1 && type <= 6) {
        return {Kind::integer, signed_integer(bytes), {}};
    }
    return {type == 7 ? Kind::real : Kind::null, 0, bytes};
}

}  // namespace

std::vector<LeafCell> leaf_cells(std::string_view page, std::size_t header) {
    std::vector<LeafCell> cells;
    if (page.size() != page_size || page[header] != table_leaf) {
        return cells;
    }
    const std::size_t count = big_endian(page.substr(header + 3, 2));
    const std::size_t pointers = header + 8;
    for (std::size_t i = 0; i < count && pointers + 2 * i + 2 <= page.size(); ++i) {
        const std::size_t start = big_endian(page.substr(pointers + 2 * i, 2));
        if (start < page.size()) {
            if (const auto cell = read_cell(page.substr(start))) {
                cells.push_back(*cell);
            }
        }
    }
    return cells;
}

std::optional<std::vector<ColumnValue>> record_columns(std::string_view payload) {
    std::string_view rest = payload;
    const auto header_size = take_varint(rest);
    const std::size_t length_size = payload.size() - rest.size();
    if (!header_size || *header_size < length_size || *header_size > payload.size()) {
        return std::nullopt;
    }
    std::string_view types = rest.substr(0, *header_size - length_size);
    std::string_view values = payload.substr(*header_size);
    std::vector<ColumnValue> columns;
    while (!types.empty()) {
        const auto type = take_varint(types);
        if (!type || size_of(*type) > values.size() || columns.size() == most_columns) {
            return std::nullopt;
        }
        columns.push_back(make_value(*type, values.substr(0, size_of(*type))));
        values.remove_prefix(size_of(*type));
    }
    return values.empty() ? std::optional(std::move(columns)) : std::nullopt;
}

}  // namespace pwlog
