#include "backfill/sources/source_options.h"

#include <fmt/format.h>

#include "backfill/json/hit_parser.h"
#include "backfill/sources/csv_source.h"
#include "backfill/sources/influx_source.h"
#include "backfill/sources/mapped_source.h"
#include "backfill/sources/ndjson_source.h"

namespace pwlog {
namespace {

constexpr auto message_window = std::chrono::milliseconds(2000);
constexpr auto no_window = std::chrono::milliseconds(0);

Result<std::unique_ptr<RecordSource>> open_as(SourceKind kind, LineReader lines,
                                              const SourceOptions& options,
                                              const SourcePosition* from) {
    switch (kind) {
        case SourceKind::ndjson:
            return open_ndjson(std::move(lines), from);
        case SourceKind::search:
            return open_search_replies(std::move(lines), from);
        case SourceKind::mqtt:
            return open_mapped(std::move(lines), make_mqtt_parser(options.devices), options.context,
                               options.window.value_or(message_window), from);
        case SourceKind::csv: {
            auto parser =
                make_csv_parser(lines, options.map, mapping_options(options), options.delimiter);
            if (!parser) {
                return pass_on(parser);
            }
            return open_mapped(std::move(lines), std::move(*parser), options.context,
                               options.window.value_or(no_window), from);
        }
        case SourceKind::influx:
            if (options.map.empty()) {
                return fail(ErrorKind::invalid,
                            "line protocol needs --map-file: which measurement and field is what");
            }
            return open_mapped(std::move(lines),
                               make_influx_parser(options.map, mapping_options(options)),
                               options.context, options.window.value_or(no_window), from);
        case SourceKind::index:
            if (options.map.empty()) {
                return fail(ErrorKind::invalid,
                            "a file of another index's documents needs --map or --map-file: which "
                            "field is what");
            }
            return open_mapped(std::move(lines),
                               make_hit_parser(options.map, mapping_options(options)),
                               options.context, options.window.value_or(no_window), from);
        default:
            return fail(ErrorKind::invalid,
                        fmt::format("a file cannot be read as '{}'", to_text(kind)));
    }
}

}  // namespace

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
    return open_input_source(std::move(*input), path, options, from);
}

Result<OpenedSource> open_input_source(std::unique_ptr<ByteInput> input, const std::string& path,
                                       const SourceOptions& options, const SourcePosition* from) {
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
            return pass_on(recognised);
        }
        kind = *recognised;
    }
    if (!kind) {
        return fail(ErrorKind::invalid,
                    fmt::format("{}: what this is cannot be told from its first lines; say it with "
                                "--from",
                                path));
    }
    auto source = open_as(*kind, std::move(lines), options, from);
    if (!source) {
        return fail(source.error().kind, fmt::format("{}: {}", path, source.error().message));
    }
    return OpenedSource{std::move(*source), *kind, !options.kind};
}

}  // namespace pwlog
