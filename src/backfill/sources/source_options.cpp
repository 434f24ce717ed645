// SPDX-License-Identifier: MIT
#include "backfill/sources/source_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "backfill/input/file_input.h"
#include "backfill/json/hit_parser.h"
#include "backfill/sources/chained_rows.h"
#include "backfill/sources/csv_source.h"
#include "backfill/sources/influx_source.h"
#include "backfill/sources/mapped_source.h"
#include "backfill/sources/ndjson_source.h"
#include "backfill/sources/nut_values.h"
#include "backfill/sources/row_source.h"

namespace pwlog {
namespace {

constexpr auto message_window = std::chrono::milliseconds(2000);
constexpr auto no_window = std::chrono::milliseconds(0);

bool is_mapped(SourceKind kind) {
    return kind == SourceKind::csv || kind == SourceKind::influx || kind == SourceKind::index ||
           kind == SourceKind::upslog;
}

Result<std::unique_ptr<ValueParser>> make_parser(SourceKind kind, LineReader& lines,
                                                 const SourceOptions& options,
                                                 TableColumns& columns) {
    const auto mapping = mapping_options(options);
    if (kind == SourceKind::csv) {
        return make_csv_parser(lines, options.map, mapping, options.delimiter, &columns);
    }
    if (kind == SourceKind::upslog && !options.zone_said) {
        return fail(ErrorKind::invalid,
                    "upslog writes local times: say of which zone with --time-zone, such as "
                    "Europe/Berlin, local or UTC");
    }
    if (kind == SourceKind::upslog) {
        return make_upslog_parser(options.upslog_format, mapping);
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

/// As it was said, or as its beginning tells.
Result<SourceKind> kind_of(LineReader& lines, const SourceOptions& options) {
    if (options.kind) {
        return *options.kind;
    }
    const auto beginning = lines.peek(4096);
    if (!beginning) {
        return pass_on(beginning);
    }
    if (beginning->empty()) {
        return fail(ErrorKind::invalid, "it is empty");
    }
    if (beginning->substr(0, beginning->find('\n')).find('\0') != beginning->npos) {
        return fail(ErrorKind::invalid,
                    "this is not text; a database or an archive has to be exported or unpacked "
                    "first");
    }
    const auto recognised = recognise_source(lines, !options.map.empty());
    if (!recognised) {
        return pass_on(recognised);
    }
    return *recognised ? Result<SourceKind>(**recognised)
                       : fail(ErrorKind::invalid,
                              "what this is cannot be told from its first lines; say it with "
                              "--from");
}

tl::unexpected<Error> named(const std::string& path, const Error& error) {
    return fail(error.kind, fmt::format("{}: {}", path, error.message));
}

/// Files of rows by their places in a list. What is open already is taken once.
class RowFiles {
  public:
    RowFiles(LineReader first, std::vector<std::string> paths, SourceOptions options,
             std::stop_token stop)
        : first_(std::move(first)),
          paths_(std::move(paths)),
          options_(std::move(options)),
          stop_(std::move(stop)) {
        columns_.several = paths_.size() > 1;
    }

    Result<RowFile> open(std::size_t source) {
        const auto& path = paths_.at(source);
        auto lines = take(source);
        const auto kind = lines ? kind_of(*lines, options_) : pass_on(lines);
        if (!kind) {
            return source == 0 ? pass_on(kind) : named(path, kind.error());
        }
        if (!is_mapped(*kind)) {
            return fail(ErrorKind::invalid, fmt::format("{}: it is {} and cannot be read together "
                                                        "with tables",
                                                        path, to_text(*kind)));
        }
        columns_.all_are_tables = columns_.all_are_tables && *kind == SourceKind::csv;
        auto parser = make_parser(*kind, *lines, options_, columns_);
        if (!parser) {
            return source == 0 ? pass_on(parser) : named(path, parser.error());
        }
        return RowFile{std::move(*lines), std::move(*parser)};
    }

    /// Once each was opened.
    Result<void> check_columns() const { return columns_.check(); }
    const std::set<std::string>& unknown_columns() const { return columns_.unknown; }

  private:
    Result<LineReader> take(std::size_t source) {
        if (source == 0 && first_) {
            auto lines = std::move(*first_);
            first_.reset();
            return lines;
        }
        auto input = open_input(paths_.at(source), stop_);
        return input ? Result<LineReader>(LineReader(std::move(*input))) : pass_on(input);
    }

    std::optional<LineReader> first_;
    std::vector<std::string> paths_;
    SourceOptions options_;
    std::stop_token stop_;
    TableColumns columns_;
};

/// Rows in the order of time: as they stand, where a first reading shows that they are, file after
/// file. What can be read once only goes through the scratch file.
Result<std::unique_ptr<RowSource>> open_in_order(OpenedSource& opened,
                                                 const std::vector<std::string>& paths,
                                                 LineReader lines, const SourceOptions& options,
                                                 const std::stop_token& stop) {
    const auto files = std::make_shared<RowFiles>(std::move(lines), paths, options, stop);
    const auto open = [files](std::size_t source) { return files->open(source); };
    auto as_given = ChainPlan::as_given(paths.size());
    Result<std::optional<ChainPlan>> plan(std::nullopt);
    if (std::all_of(paths.begin(), paths.end(), is_regular_file)) {
        plan = plan_chain(paths.size(), open, stop);
        opened.put_in_order = plan && !*plan;
    }
    auto rows = !plan   ? pass_on(plan)
                : *plan ? Result<std::unique_ptr<RowSource>>(chain_rows(open, std::move(**plan)))
                        : order_rows(chain_rows(open, std::move(as_given)), stop);
    const auto whole = rows ? files->check_columns() : Result<void>{};
    opened.left_out = files->unknown_columns();
    return whole ? std::move(rows) : pass_on(whole);
}

Result<std::unique_ptr<RecordSource>> open_as(OpenedSource& opened,
                                              const std::vector<std::string>& paths,
                                              LineReader lines, const SourceOptions& options,
                                              const SourcePosition* from,
                                              const std::stop_token& stop) {
    if (is_mapped(opened.kind)) {
        auto rows = open_in_order(opened, paths, std::move(lines), options, stop);
        if (!rows) {
            return pass_on(rows);
        }
        opened.begins_anew = from != nullptr && from->sorted != (*rows)->sorted();
        return open_mapped(std::move(*rows), history_of(options),
                           options.window.value_or(no_window), opened.begins_anew ? nullptr : from);
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

/// `input` is that of the first path.
Result<OpenedSource> open_inputs(std::unique_ptr<ByteInput> input,
                                 const std::vector<std::string>& paths,
                                 const SourceOptions& options, const SourcePosition* from,
                                 const std::stop_token& stop) {
    LineReader lines(std::move(input));
    const auto kind = kind_of(lines, options);
    if (!kind) {
        return named(paths.front(), kind.error());
    }
    OpenedSource opened{nullptr, *kind, !options.kind};
    auto source = open_as(opened, paths, std::move(lines), options, from, stop);
    if (!source) {
        return named(paths.front(), source.error());
    }
    opened.source = std::move(*source);
    return opened;
}

}  // namespace

std::shared_ptr<History> history_of(const SourceOptions& options) {
    return options.history ? options.history : std::make_shared<History>(options.context);
}

MappingOptions mapping_options(const SourceOptions& options) {
    return {options.devices.pdu, options.devices.ats, options.time,
            options.bounds,      options.decimal,     options.devices.ups};
}

Result<OpenedSource> open_files_together(const std::vector<std::string>& paths,
                                         const SourceOptions& options, const SourcePosition* from,
                                         const std::stop_token& stop) {
    auto input = open_input(paths.front(), stop);
    if (!input) {
        return pass_on(input);
    }
    return open_inputs(std::move(*input), paths, options, from, stop);
}

Result<OpenedSource> open_input_source(std::unique_ptr<ByteInput> input, const std::string& path,
                                       const SourceOptions& options, const SourcePosition* from,
                                       const std::stop_token& stop) {
    return open_inputs(std::move(input), {path}, options, from, stop);
}

bool may_be_read_together(const std::string& path, const SourceOptions& options,
                          const std::stop_token& stop) {
    if (options.kind || !is_regular_file(path)) {
        return options.kind && is_mapped(*options.kind);
    }
    auto input = open_input(path, stop);
    if (!input) {
        return false;  // whoever opens it to read says why
    }
    LineReader lines(std::move(*input));
    const auto kind = kind_of(lines, options);
    return kind && is_mapped(*kind);
}

}  // namespace pwlog
