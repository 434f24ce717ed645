#include "cli/backfill_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "agent/signals.h"
#include "backfill/backfill_job.h"
#include "backfill/timestamp_text.h"
#include "base/json_object.h"
#include "cli/agent_options.h"
#include "cli/backfill_places.h"
#include "cli/backfill_progress.h"
#include "cli/backfill_summary.h"
#include "cli/moment.h"
#include "cli/sender_options.h"
#include "cli/spool_access.h"
#include "cli/text_values.h"
#include "cli/version.h"
#include "elastic/server.h"
#include "elastic/template_check.h"

namespace pwlog {
namespace {

struct BackfillOptions {
    const CommonOptions* common = nullptr;
    std::vector<std::string> sources;
    std::string from;
    std::string since;
    std::string until;
    std::string device;
    std::string pdu;
    std::string ats;
    std::string prefix;
    std::string window;
    std::vector<std::string> maps;
    std::string map_file;
    std::string time_format;
    std::string time_zone = "UTC";
    bool decimal_comma = false;
    std::string state_file;
    std::string rejects_file;
    std::optional<double> rate;
    std::size_t concurrency = 2;
    bool gaps = false;
    bool dry_run = false;
    bool print_documents = false;
    bool strict = false;
    bool fresh = false;
    bool json = false;
};

int fail_with(const Error& error, ExitCode code) {
    print_problem(error.message);
    return status_of(code);
}

ExitCode exit_code_for(const Error& error) {
    switch (error.kind) {
        case ErrorKind::invalid:
        case ErrorKind::not_found:
        case ErrorKind::corrupt:
            return ExitCode::usage;
        case ErrorKind::busy:
            return ExitCode::busy;
        case ErrorKind::refused:
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
        case ErrorKind::denied:
        case ErrorKind::garbled:
            return ExitCode::server;
        default:
            return ExitCode::failure;
    }
}

/// The only configured device of its kind, where none is named.
template <class Devices>
std::string device_or(const std::string& named, const Devices& configured) {
    return named.empty() && configured.size() == 1 ? configured.front().id : named;
}

void set_context(const Config& config, SampleContext& context) {
    Origin& origin = context.origin;
    origin.host_name = agent_host_name(config);
    origin.agent_version = version;
    for (const auto& [name, value] : config.labels) {
        origin.labels.emplace(name, value);
    }
    for (const auto& pdu : config.pdus) {
        context.outlet_names[pdu.id] = {pdu.outlets.begin(), pdu.outlets.end()};
    }
    for (const auto& ats : config.ats) {
        context.models[ats.id] = ats_setup(ats).context.device.model;
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
        fmt::format("{} {} {} {} {}", options.window, options.time_format, options.time_zone,
                    options.decimal_comma, fmt::join(options.maps, " "));
    if (!options.window.empty()) {
        job.source.window = parse_duration(options.window);
        if (!job.source.window) {
            return fail(ErrorKind::invalid, fmt::format("--window {}: expected a duration such as "
                                                        "2s or 500ms",
                                                        options.window));
        }
    }
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
        if (const auto added = job.source.map.add_option(rule); !added) {
            return added;
        }
    }
    auto zone = TimeZone::open(options.time_zone);
    auto format = zone ? TimeFormat::make(options.time_format, std::move(*zone)) : pass_on(zone);
    if (!format) {
        return pass_on(format);
    }
    job.source.time = std::move(*format);
    job.source.decimal_comma = options.decimal_comma;
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

/// What is the same for all sources.
Result<void> fill_job(const BackfillOptions& options, const Config& config, BackfillJob& job) {
    job.source.kind = source_kind(options.from);
    set_context(config, job.source.context);
    job.source.devices = {device_or(options.pdu, config.pdus), device_or(options.ats, config.ats),
                          options.prefix};
    if (const auto reading = set_reading(options, job); !reading) {
        return pass_on(reading);
    }
    const auto since = parse_moment(options.since, "--since");
    const auto until = parse_moment(options.until, "--until");
    if (!since || !until) {
        return pass_on(since ? until : since);
    }
    job.pipeline.since = *since;
    job.pipeline.until = *until;
    job.pipeline.device = options.device;
    job.pipeline.strict = options.strict;
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

/// Before the first document: somebody good answers, and has our templates.
Result<ExitCode> check_server(const SenderOptions& sender, BackfillJob& job) {
    auto client = HttpClient::open(sender.http);
    if (!client) {
        return pass_on(client);
    }
    Result<ExitCode> outcome =
        fail(ErrorKind::invalid, "no server is configured: [elasticsearch] hosts");
    for (const auto& server : sender.servers) {
        const auto info = identify_server(*client, server);
        if (!info) {
            outcome = pass_on(info);
            continue;
        }
        const auto index = index_name(Family::metrics, to_timestamp(SystemClock().wall_now()));
        const auto check = check_template(*client, server, *info, index);
        if (!check) {
            outcome = pass_on(check);
            continue;
        }
        if (!check->may_ship()) {
            print_problem(check->message);
            return ExitCode::templates;
        }
        job.target = cluster_name(*client, server);
        return ExitCode::ok;
    }
    return outcome;
}

ExitCode exit_code_of(const BackfillReport& report) {
    if (report.failure) {
        return exit_code_for(*report.failure);
    }
    return report.tally.rejected > 0 || !report.damage.empty() ? ExitCode::incomplete
                                                               : ExitCode::ok;
}

ExitCode run_one(const BackfillOptions& options, const BackfillJob& job,
                 const std::stop_token& stop, BackfillSummary& summary) {
    const SystemClock clock;
    BackfillProgress progress(job.path, options.json, clock);
    const BackfillListener listener{[&](const Snapshot& now) { progress.show(now); },
                                    [&](const std::string& text) { progress.note(text); }};
    if (options.dry_run) {
        const auto print_line = [](std::string_view json) {
            return print(std::string(json) + "\n");
        };
        auto dry = dry_run_backfill(
            job, listener,
            options.print_documents ? print_line : std::function<bool(std::string_view)>(), clock,
            stop);
        progress.finish();
        if (!dry) {
            return static_cast<ExitCode>(fail_with(dry.error(), exit_code_for(dry.error())));
        }
        summary.add(job, *dry);
        return exit_code_of(dry->report);
    }
    auto report = run_backfill(job, listener, clock, stop);
    progress.finish();
    if (!report) {
        return static_cast<ExitCode>(fail_with(report.error(), exit_code_for(report.error())));
    }
    summary.add(job, *report);
    return exit_code_of(*report);
}

int run_backfill_command(const BackfillOptions& options) {
    const auto config = read_config(*options.common);
    if (!config) {
        return status_of(ExitCode::usage);
    }
    const auto owned = std::make_unique<BackfillJob>();
    BackfillJob& job = *owned;
    if (const auto filled = fill_job(options, *config, job); !filled) {
        return fail_with(filled.error(), ExitCode::usage);
    }
    if (options.sources.empty() && !job.maker) {
        return fail_with({ErrorKind::invalid, "which SOURCE? A file, - or --from spool"},
                         ExitCode::usage);
    }
    const Signals signals;
    if (!options.dry_run) {
        auto sender = sender_options(config->elasticsearch);
        if (!sender) {
            return fail_with(sender.error(), ExitCode::usage);
        }
        const auto checked = check_server(*sender, job);
        if (!checked || *checked != ExitCode::ok) {
            return checked ? status_of(*checked)
                           : fail_with(checked.error(), exit_code_for(checked.error()));
        }
        job.pipeline.limits = sender->limits;
        job.send.sender = std::move(*sender);
    }
    const StopOnSignal stop(signals);
    BackfillSummary summary(options.json, options.dry_run, options.print_documents);
    auto worst = ExitCode::ok;
    const std::vector<std::string> only_spool{"spool"};
    for (const auto& path : job.maker ? only_spool : options.sources) {
        job.path = path;
        const BackfillPlaces places =
            find_places(job.maker ? "-" : path, options.state_file, options.rejects_file);
        job.state_file = places.state_file;
        job.rejects_file = places.rejects_file;
        const auto code = run_one(options, job, stop.token(), summary);
        worst = code == ExitCode::ok || worst == ExitCode::ok ? std::max(worst, code) : worst;
        if (code != ExitCode::ok && code != ExitCode::incomplete) {
            worst = code;
            break;
        }
    }
    return summary.print_all() ? status_of(worst) : status_of(ExitCode::failure);
}

}  // namespace

void setup_backfill(CommandLine& line) {
    auto options = std::make_shared<BackfillOptions>();
    options->common = &line.common;
    auto& command = line.add<BackfillOptions>(
        "backfill", "Bring history into Elasticsearch, once; safe to repeat, goes on where it was",
        "pwlog backfill --dry-run archive.ndjson.gz", options, run_backfill_command);
    std::vector<std::string> kinds;
    for (const auto& [kind, name] : source_kind_names) {
        kinds.emplace_back(name);
    }
    command.add_option("SOURCE", options->sources,
                       "Files; - is standard input; none for --from spool");
    command.add_option("--from", options->from, "What they hold; recognised where it can be")
        ->type_name("KIND")
        ->check(CLI::IsMember(kinds));
    command.add_option("--since", options->since, "Only from this time on")->type_name("TIME");
    command.add_option("--until", options->until, "Only before this time")->type_name("TIME");
    command.add_option("--device", options->device, "Only of this device.id")->type_name("ID");
    command.add_option("--pdu", options->pdu, "device.id of the PDU, where a source has none")
        ->type_name("ID");
    command.add_option("--ats", options->ats, "device.id of the ATS, where a source has none")
        ->type_name("ID");
    command.add_option("--prefix", options->prefix, "mqtt: only topics below this one")
        ->type_name("TOPIC");
    command
        .add_option("--window", options->window,
                    "What a device says within it is one sample (mqtt: 2s, else 0s)")
        ->type_name("DURATION");
    command.add_option("--map", options->maps, "csv, influx: what a column is; may be repeated")
        ->type_name("COLUMN=FIELD[:UNIT]")
        ->take_all();
    command.add_option("--map-file", options->map_file, "The same, and more, in a file")
        ->type_name("FILE");
    command
        .add_option("--time-format", options->time_format,
                    "csv: as in strptime, such as %d.%m.%y %H:%M; recognised where it can be")
        ->type_name("FORMAT");
    command.add_option("--time-zone", options->time_zone, "csv: of times without an offset")
        ->type_name("ZONE")
        ->capture_default_str();
    command.add_flag("--decimal-comma", options->decimal_comma, "csv: 229,7 is a number");
    command.add_flag("--gaps", options->gaps, "Ask what is there, and send only what lacks");
    command.add_flag("--dry-run", options->dry_run, "Read and check all, send nothing");
    command.add_flag("--print", options->print_documents, "With --dry-run: print the documents")
        ->needs("--dry-run");
    command.add_option("--rate", options->rate, "At most so many documents a second")
        ->type_name("N")
        ->check(CLI::Range(0.1, 1e9));
    command.add_option("--concurrency", options->concurrency, "Requests in flight")
        ->type_name("N")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
    command.add_flag("--strict", options->strict, "Stop at the first line that is refused");
    command.add_flag("--fresh", options->fresh, "Begin anew, whatever an earlier run left");
    command.add_option("--state", options->state_file, "Where to remember how far it came")
        ->type_name("FILE");
    command.add_option("--rejects", options->rejects_file, "Where refused lines go")
        ->type_name("FILE");
    command.add_flag("--json", options->json, "Summary as JSON");
}

}  // namespace pwlog
