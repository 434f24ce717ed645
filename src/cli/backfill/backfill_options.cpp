// SPDX-License-Identifier: MIT
#include "cli/backfill/backfill_options.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "backfill/run/feed.h"
#include "base/text_values.h"
#include "control/spool_access.h"
#include "daemon/agent_options.h"
#include "terminal/moment.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

/// The only configured device of its kind, where none is named.
template <class Devices>
std::string device_or(const std::string& named, const Devices& configured) {
    return named.empty() && configured.size() == 1 ? configured.front().id : named;
}

/// All of a kind, where there are several: their topics name them.
template <class Devices>
MqttDevices::Ids several(const Devices& configured) {
    MqttDevices::Ids ids;
    for (const auto& device : configured) {
        ids.insert(device.id);
    }
    return configured.size() > 1 ? ids : MqttDevices::Ids();
}

/// What live documents of the configured devices say.
void set_context(const Config& config, SampleContext& context) {
    const auto live = agent_options(config);
    context.origin = live.origin;
    for (const auto& setup : live.devices) {
        const auto& tag = tag_of(setup);
        const auto* const pdu = std::get_if<PduSetup>(&setup);
        context.devices.emplace(tag.id, pdu != nullptr ? pdu->context : PduContext{tag});
        context.intervals[tag.id] = sampling_of(setup).interval;
    }
}

Result<std::string> read_text_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) {
        return fail(ErrorKind::invalid, fmt::format("{}: {}", path, std::strerror(errno)));
    }
    return text;
}

/// How the values of a foreign source are to be read.
Result<void> set_reading(const BackfillOptions& options, BackfillJob& job) {
    job.reading =
        fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}", options.replace, options.ups,
                    options.upslog_format, options.acceptable_phases.value_or(-1), options.interval,
                    options.no_events, options.window, options.time_format, options.time_zone,
                    options.decimal_comma, options.decimal_point, options.delimiter,
                    fmt::join(options.maps, " "));
    if (!options.window.empty()) {
        job.source.window = parse_duration(options.window);
        if (!job.source.window) {
            return fail(ErrorKind::invalid, fmt::format("--window {}: expected a duration such as "
                                                        "2s or 500ms",
                                                        options.window));
        }
    }
    if (!options.interval.empty()) {
        job.source.context.interval = parse_duration(options.interval);
        if (!job.source.context.interval) {
            return fail(ErrorKind::invalid, fmt::format("--interval {}: expected a duration such "
                                                        "as 60s or 5min",
                                                        options.interval));
        }
    }
    if (options.acceptable_phases) {
        job.source.context.acceptable_phases = Degrees(*options.acceptable_phases);
    }
    job.source.context.with_events = !options.no_events;
    if (!options.map_file.empty()) {
        const auto text = read_text_file(options.map_file);
        auto map = text ? FieldMap::parse(*text, options.map_file) : pass_on(text);
        if (!map) {
            return pass_on(map);
        }
        job.source.map = std::move(*map);
        job.reading += *text;
    }
    for (const auto& rule : options.maps) {
        if (auto added = job.source.map.add_option(rule); !added) {
            return added;
        }
    }
    auto zone = TimeZone::open(options.time_zone.empty() ? "UTC" : options.time_zone);
    auto format = zone ? TimeFormat::make(options.time_format, *zone) : pass_on(zone);
    if (!format) {
        return pass_on(format);
    }
    job.source.time = std::move(*format);
    job.source.decimal = options.decimal_comma   ? DecimalMark::comma
                         : options.decimal_point ? DecimalMark::point
                                                 : DecimalMark::unsaid;
    job.source.zone_said = !options.time_zone.empty();
    job.source.upslog_format = options.upslog_format;
    job.source.delimiter = options.delimiter == "tab"  ? '\t'
                           : options.delimiter.empty() ? '\0'
                                                       : options.delimiter.front();
    return {};
}

/// What the spool has, delivered or not, from the daemon where one runs.
LineMaker spool_lines(const Config& config, const PipelineOptions& asked) {
    ControlRequest request{.name = "spool export", .arguments = {}};
    request.arguments["bulk"] = true;  // an event's `_id` is known there
    if (asked.since) {
        request.arguments["since"] = asked.since->time_since_epoch().count();
    }
    if (asked.until) {
        request.arguments["until"] = asked.until->time_since_epoch().count();
    }
    return [&config, request](const PutLine& put) { return ask_spool(config, request, put); };
}

/// How what a source says is to be read.
void add_reading_options(CLI::App& command, BackfillOptions& options) {
    add_value(command, "--map COLUMN=FIELD[:UNIT]", options.maps,
              "csv, influx, index: the field of a column; may be repeated")
        ->take_all()
        ->allow_extra_args(false);
    add_value(command, "--map-file FILE", options.map_file, "The same, and more, in a file");
    add_value(command, "--time-format FORMAT", options.time_format,
              "csv, index: as in strptime, such as %d.%m.%y %H:%M; recognised if possible");
    add_value(command, "--time-zone ZONE", options.time_zone,
              "csv, upslog, index: of times without an offset; UTC where it is not given");
    auto* const comma = command.add_flag("--decimal-comma", options.decimal_comma,
                                         "csv: 229,7 is a number, 1.229 is 1229");
    command.add_flag("--decimal-point", options.decimal_point, "csv: 1,229 is 1229")
        ->excludes(comma);
    add_value(command, "--delimiter CHAR", options.delimiter,
              "csv: separator between columns, one character or tab; recognised if possible")
        ->check([](const std::string& given) {
            return given.size() == 1 || given == "tab" ? std::string()
                                                       : "expected one character, or tab";
        });
    add_value(command, "--upslog-format FORMAT", options.upslog_format,
              "upslog: as it was given to upslog -f, where it was");
}

/// Which of what the sources hold is meant, and of which devices it is.
void add_choosing_options(CLI::App& command, BackfillOptions& options) {
    add_value(command, "--since TIME", options.since, "Only from this time on");
    add_value(command, "--until TIME", options.until, "Only before this time");
    add_value(command, "--device ID", options.device, "Only of this device.id");
    add_value(command, "--pdu ID", options.pdu, "device.id of the PDU, if a source has none");
    add_value(command, "--ats ID", options.ats, "device.id of the ATS, if a source has none");
    add_value(command, "--ups ID", options.ups, "device.id of the UPS, where a source has none");
    add_value(command, "--prefix TOPIC", options.prefix, "mqtt: only topics below this one");
}

/// How the documents are sent, and what is kept of the run.
void add_run_options(CLI::App& command, BackfillOptions& options) {
    auto* const gaps = command.add_flag("--gaps", options.gaps,
                                        "Ask what is there already, and send only what is missing");
    command.add_flag("--replace", options.replace, "Overwrite documents with the same identity")
        ->excludes(gaps);
    command.add_flag("--dry-run", options.dry_run, "Read and check everything, send nothing");
    command.add_flag("--print", options.print_documents, "With --dry-run: print the documents")
        ->needs("--dry-run");
    add_value(command, "--rate N", options.rate, "At most this many documents a second")
        ->check(CLI::Range(0.1, 1e9));
    add_value(command, "--concurrency N", options.concurrency, "Parallel requests")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    command.add_flag("--strict", options.strict, "Stop at the first line that is refused");
    command.add_flag("--keep-going", options.keep_going,
                     "Continue even if none of the first thousand is stored");
    command.add_flag("--fresh", options.fresh,
                     "Start from the beginning, whatever an earlier run left");
    add_value(command, "--state FILE", options.state_file, "Where to save the progress");
    add_value(command, "--rejects FILE", options.rejects_file, "Where refused lines go");
    command.add_flag("--json", options.json, "Summary as JSON");
}

}  // namespace

Result<void> fill_backfill_job(const BackfillOptions& options, const Config& config,
                               BackfillJob& job) {
    job.source.kind = source_kind(options.from);
    set_context(config, job.source.context);
    job.source.devices = {device_or(options.pdu, config.pdus),
                          device_or(options.ats, config.ats),
                          options.prefix,
                          device_or(options.ups, config.ups),
                          several(config.pdus),
                          several(config.ats),
                          several(config.ups)};
    if (const auto reading = set_reading(options, job); !reading) {
        return pass_on(reading);
    }
    job.source.history = std::make_shared<History>(job.source.context);
    job.identities =
        std::make_shared<IdentityBook>([](const std::string& problem) { print_problem(problem); });
    const auto since = parse_moment(options.since, "--since");
    const auto until = parse_moment(options.until, "--until");
    if (!since || !until) {
        return pass_on(since ? until : since);
    }
    if (*since && *until && **since >= **until) {
        return fail(ErrorKind::invalid,
                    fmt::format("--since {} is not before --until {}: nothing lies between them",
                                format_time(**since), format_time(**until)));
    }
    job.pipeline.bounds = TimeBounds::usual(to_timestamp(SystemClock().wall_now()), *since, *until);
    job.source.bounds = job.pipeline.bounds;
    job.pipeline.since = *since;
    job.pipeline.until = *until;
    job.pipeline.device = options.device;
    job.pipeline.strict = options.strict;
    job.pipeline.keep_going = options.keep_going;
    job.pipeline.rate = options.rate;
    job.pipeline.concurrency = options.concurrency;
    job.fresh = options.fresh;
    job.gaps = options.gaps;
    if (job.source.kind == SourceKind::spool) {
        job.source.kind = SourceKind::ndjson;
        job.maker = spool_lines(config, job.pipeline);
    }
    return {};
}

void add_backfill_options(CLI::App& command, BackfillOptions& options) {
    std::vector<std::string> kinds;
    kinds.reserve(source_kind_names.size());
    for (const auto& [kind, name] : source_kind_names) {
        kinds.emplace_back(name);
    }
    command.add_option(
        "SOURCE", options.sources,
        "Files; - is standard input; another index is http://HOST:9200/old-*; none for "
        "--from spool");
    add_value(command, "--from KIND", options.from, "What they contain; recognised if possible")
        ->check(CLI::IsMember(kinds));
    add_choosing_options(command, options);
    add_value(command, "--window DURATION", options.window,
              "Values of a device within this time are one sample (mqtt: 2s, otherwise 0s)");
    add_reading_options(command, options);
    add_value(command, "--interval DURATION", options.interval,
              "One document for each: what a source has more goes into its least and "
              "greatest; what is three times as far apart is a gap");
    add_value(command, "--acceptable-phases DEGREES", options.acceptable_phases,
              "Memory 18 of the ATS (pwlog memory), in degrees; 0 = any angle")
        ->check(CLI::Range(0, 180));
    command.add_flag("--no-events", options.no_events, "Only measured values, no events");
    add_index_options(command, options.source_access);
    add_run_options(command, options);
}

}  // namespace pwlog
