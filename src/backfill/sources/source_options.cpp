// SPDX-License-Identifier: MIT
#include "backfill/sources/source_options.h"

#include <fmt/format.h>

#include "backfill/input/file_input.h"
#include "backfill/json/hit_parser.h"
#include "backfill/sources/csv_source.h"
#include "backfill/sources/influx_source.h"
#include "backfill/sources/mapped_source.h"
#include "backfill/sources/ndjson_source.h"
#include "backfill/sources/row_source.h"

namespace pwlog {
namespace {

constexpr auto message_window = std::chrono::milliseconds(2000);
constexpr auto no_window = std::chrono::milliseconds(0);

bool is_mapped(SourceKind kind) {
    return kind == SourceKind::csv || kind == SourceKind::influx || kind == SourceKind::index;
}

Result<std::unique_ptr<ValueParser>> make_parser(SourceKind kind, LineReader& lines,
                                                 const SourceOptions& options) {
    const auto mapping = mapping_options(options);
    if (kind == SourceKind::csv) {
        return make_csv_parser(lines, options.map, mapping, options.delimiter);
    }
    if (options.map.empty()) {
        return fail(ErrorKind::invalid,
                    kind == SourceKind::influx
                        ? "line protocol needs --map-file: which measurement and field is what"
                        : "a file of another index's documents needs --map or --map-file: which "
                          "field is what");
    }
    return kind == SourceKind::influx ? make_influx_parser(options.map, mapping)
                                      : make_hit_parser(options.map, mapping);
}

Result<std::unique_ptr<RowSource>> open_rows(SourceKind kind, LineReader lines,
                                             const SourceOptions& options) {
    auto parser = make_parser(kind, lines, options);
    return parser
               ? Result<std::unique_ptr<RowSource>>(read_rows(std::move(lines), std::move(*parser)))
               : pass_on(parser);
}

/// Rows in the order of time: as they stand, where a first reading shows that they are. What can be
/// read once only goes through the scratch file.
Result<std::unique_ptr<RowSource>> open_in_order(OpenedSource& opened, const std::string& path,
                                                 LineReader lines, const SourceOptions& options,
                                                 const std::stop_token& stop) {
    auto rows = open_rows(opened.kind, std::move(lines), options);
    if (!rows || !is_regular_file(path)) {
        return rows ? order_rows(std::move(*rows), stop) : std::move(rows);
    }
    const auto in_order = are_in_order(**rows, stop);
    if (!in_order) {
        return pass_on(in_order);
    }
    auto again = open_input(path, stop);
    if (!again) {
        return pass_on(again);
    }
    rows = open_rows(opened.kind, LineReader(std::move(*again)), options);
    opened.put_in_order = !*in_order;
    return rows && opened.put_in_order ? order_rows(std::move(*rows), stop) : std::move(rows);
}

Result<std::unique_ptr<RecordSource>> open_as(OpenedSource& opened, const std::string& path,
                                              LineReader lines, const SourceOptions& options,
                                              const SourcePosition* from,
                                              const std::stop_token& stop) {
    if (is_mapped(opened.kind)) {
        auto rows = open_in_order(opened, path, std::move(lines), options, stop);
        return rows ? open_mapped(std::move(*rows), history_of(options),
                                  options.window.value_or(no_window), from)
                    : pass_on(rows);
    }
    switch (opened.kind) {
        case SourceKind::ndjson:
            return open_ndjson(std::move(lines), from);
        case SourceKind::search:
            return open_search_replies(std::move(lines), from);
        case SourceKind::mqtt:
            return open_mapped(read_rows(std::move(lines), make_mqtt_parser(options.devices)),
                               history_of(options), options.window.value_or(message_window), from);
        default:
            return fail(ErrorKind::invalid,
                        fmt::format("a file cannot be read as '{}'", to_text(opened.kind)));
    }
}

}  // namespace

std::shared_ptr<History> history_of(const SourceOptions& options) {
    return options.history ? options.history : std::make_shared<History>(options.context);
}

MappingOptions mapping_options(const SourceOptions& options) {
    return {options.devices.pdu, options.devices.ats, options.time, options.bounds,
            options.decimal};
}

Result<OpenedSource> open_file_source(const std::string& path, const SourceOptions& options,
                                      const SourcePosition* from, const std::stop_token& stop) {
    auto input = open_input(path, stop);
    if (!input) {
        return pass_on(input);
    }
    return open_input_source(std::move(*input), path, options, from, stop);
}

Result<OpenedSource> open_input_source(std::unique_ptr<ByteInput> input, const std::string& path,
                                       const SourceOptions& options, const SourcePosition* from,
                                       const std::stop_token& stop) {
    LineReader lines(std::move(input));
    auto kind = options.kind;
    if (!kind) {
        const auto beginning = lines.peek(4096);
        if (!beginning) {
            return pass_on(beginning);
        }
        if (beginning->substr(0, beginning->find('\n')).find('\0') != beginning->npos) {
            return fail(ErrorKind::invalid,
                        fmt::format("{}: this is no text; a database or an archive has to be "
                                    "exported or unpacked first",
                                    path));
        }
        const auto recognised = recognise_source(lines);
        if (!recognised) {
            return fail(recognised.error().kind,
                        fmt::format("{}: {}", path, recognised.error().message));
        }
        kind = *recognised;
    }
    if (!kind) {
        return fail(ErrorKind::invalid,
                    fmt::format("{}: what this is cannot be told from its first lines; say it with "
                                "--from",
                                path));
    }
    OpenedSource opened{nullptr, *kind, !options.kind};
    auto source = open_as(opened, path, std::move(lines), options, from, stop);
    if (!source) {
        return fail(source.error().kind, fmt::format("{}: {}", path, source.error().message));
    }
    opened.source = std::move(*source);
    return opened;
}

}  // namespace pwlog
