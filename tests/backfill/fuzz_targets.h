#pragma once

#include <array>
#include <string>
#include <string_view>

namespace pwlog::test {

/// Each parser of bytes that others wrote, by name.
inline constexpr std::array<std::string_view, 10> fuzz_targets{
    "ndjson", "search", "mqtt", "csv", "influx", "hits", "page", "map", "unpack", "recognise"};

/// Reads the bytes as the target says, to the end, and again from a place in the middle. Aborts
/// where what must hold doesn't: documents are documents, going on gives the rest.
void fuzz_backfill(std::string_view target, std::string_view bytes);

}  // namespace pwlog::test
