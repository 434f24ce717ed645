// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "backfill/input/line_reader.h"

namespace pwlog {

/// The forms that history comes in.
enum class SourceKind {
    ndjson,  ///< documents of ours, bulk bodies, elasticdump
    search,  ///< answers of _search
    csv,
    upslog,  ///< what NUT's upslog writes
    mqtt,    ///< recordings of the Python library's topics
    influx,  ///< InfluxDB line protocol
    index,   ///< another index, or its documents in a file; with a map
    spool,   ///< the spool's archive
};

struct SourceKindName {
    SourceKind kind;
    std::string_view name;  ///< behind --from
};

inline constexpr std::array<SourceKindName, 8> source_kind_names{{
    {SourceKind::ndjson, "ndjson"},
    {SourceKind::search, "search"},
    {SourceKind::csv, "csv"},
    {SourceKind::upslog, "upslog"},
    {SourceKind::mqtt, "mqtt"},
    {SourceKind::influx, "influx"},
    {SourceKind::index, "index"},
    {SourceKind::spool, "spool"},
}};

std::string_view to_text(SourceKind kind);
std::optional<SourceKind> source_kind(std::string_view name);

/// Tells from its first lines what a file holds; none if it could be anything. `mapped`: somebody
/// says what its fields are, so JSON that is no document of ours is another index's.
Result<std::optional<SourceKind>> recognise_source(LineReader& lines, bool mapped = false);

}  // namespace pwlog
