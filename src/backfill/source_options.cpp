#include "backfill/source_options.h"

#include <fmt/format.h>

#include "backfill/mapped_source.h"
#include "backfill/ndjson_source.h"

namespace pwlog {
namespace {

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
                               options.window, from);
        default:
            return fail(ErrorKind::invalid,
                        fmt::format("a file cannot be read as '{}'", to_text(kind)));
    }
}

}  // namespace

Result<OpenedSource> open_file_source(const std::string& path, const SourceOptions& options,
                                      const SourcePosition* from) {
    auto input = open_input(path);
    if (!input) {
        return pass_on(input);
    }
    LineReader lines(std::move(*input));
    auto kind = options.kind;
    if (!kind) {
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
