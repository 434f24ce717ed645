// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "cli/backfill/backfill_options.h"
#include "cli/backfill/backfill_places.h"
#include "cli/backfill/backfill_progress.h"
#include "cli/backfill/backfill_summary.h"
#include "cli/command_line.h"
#include "daemon/section_options.h"
#include "daemon/signals.h"
#include "elastic/server.h"
#include "elastic/server_check.h"
#include "elastic/template_check.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

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

/// Of both families: what a source holds is not known before it is read. Of a month that has no
/// documents: where this month's index is there already it says nothing of the others' template.
Result<ExitCode> check_templates(HttpClient& client, const ServerUrl& server,
                                 const ServerInfo& info, const OurTemplates& ours,
                                 const std::stop_token& stop) {
    for (const auto family : {Family::metrics, Family::events}) {
        const auto check =
            check_template(client, server, info, ours, index_name(family, Timestamp()), stop);
        if (!check) {
            return pass_on(check);
        }
        if (!check->may_ship()) {
            print_problem(check->message);
            return ExitCode::templates;
        }
    }
    return ExitCode::ok;
}

/// Before the first document: somebody good answers, and has our templates.
Result<ExitCode> check_server(const SenderOptions& sender, BackfillJob& job,
                              const std::stop_token& stop) {
    auto client = HttpClient::open(sender.http);
    if (!client) {
        return pass_on(client);
    }
    Result<ExitCode> outcome =
        fail(ErrorKind::invalid, "no server is configured: [elasticsearch] hosts");
    for (const auto& server : sender.servers) {
        const auto info = identify_server(*client, server, stop);
        if (!info) {
            outcome = pass_on(info);
            continue;
        }
        const auto fit = check_server(*info, sender.templates.index_mode);
        if (fit.state == ServerCheck::State::old) {
            print_problem(fit.text());
        }
        outcome = check_templates(*client, server, *info, sender.templates, stop);
        if (!outcome) {
            continue;
        }
        job.target = cluster_name(*client, server);
        return outcome;
    }
    return outcome;
}

ExitCode exit_code_of(const BackfillReport& report) {
    if (report.failure) {
        return exit_code_for(*report.failure);
    }
    const bool complete =
        report.tally.rejected == 0 && report.damage.empty() && !holds_nothing(report);
    return complete ? ExitCode::ok : ExitCode::incomplete;
}

ExitCode run_one(const BackfillOptions& options, const BackfillJob& job,
                 const std::stop_token& stop, BackfillSummary& summary) {
    const SystemClock clock;
    BackfillProgress progress(name_of(job), options.json, clock);
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

/// Another index has an address where others have a path.
Result<void> set_index(const BackfillOptions& options, const Config& config, BackfillJob& job) {
    job.index.reset();
    if (job.maker || !is_index_address(job.path)) {
        return {};
    }
    if (job.source.kind && job.source.kind != SourceKind::index) {
        return fail(ErrorKind::invalid,
                    fmt::format("--from {}: an address is another index", options.from));
    }
    auto query = index_query(options.source_access, config, job.path);
    if (!query) {
        return pass_on(query);
    }
    job.path = query->address.text();
    job.index = std::move(*query);
    return {};
}

/// What is read at once: files of values whose times may be the same together, the others one by
/// one.
std::vector<std::vector<std::string>> runs_of(const BackfillOptions& options,
                                              const BackfillJob& job, const std::stop_token& stop) {
    if (job.maker) {
        return {{"spool"}};
    }
    std::vector<std::vector<std::string>> runs;
    std::optional<std::size_t> together;
    for (const auto& path : options.sources) {
        const bool joins = options.sources.size() > 1 && !is_index_address(path) &&
                           may_be_read_together(path, job.source, stop);
        if (joins && together) {
            runs[*together].push_back(path);
            continue;
        }
        if (joins) {
            together = runs.size();
        }
        runs.push_back({path});
    }
    return runs;
}

/// The files kept beside the sources: one state, and the rejects of each, unless one file is named
/// for all.
void set_places(const BackfillOptions& options, const std::vector<std::string>& paths,
                BackfillJob& job) {
    job.rejects_files.clear();
    job.state_file.clear();
    for (const auto& path : paths) {
        auto places = find_places(job.maker ? "-" : path, options.state_file, options.rejects_file);
        if (job.rejects_files.empty()) {
            job.state_file = std::move(places.state_file);
        }
        if (job.rejects_files.empty() || options.rejects_file.empty()) {
            job.rejects_files.push_back(std::move(places.rejects_file));
        }
    }
}

int run_backfill_command(const BackfillOptions& options) {
    const auto config = read_config(*options.common);
    if (!config) {
        return status_of(ExitCode::usage);
    }
    const auto owned = std::make_unique<BackfillJob>();
    BackfillJob& job = *owned;
    if (const auto filled = fill_backfill_job(options, *config, job); !filled) {
        return fail_with(filled.error(), ExitCode::usage);
    }
    if (options.sources.empty() && !job.maker) {
        return fail_with({ErrorKind::invalid, "which SOURCE? A file, - or --from spool"},
                         ExitCode::usage);
    }
    const StopOnSignal stop;
    if (!options.dry_run) {
        auto sender = sender_options(config->elasticsearch);
        if (!sender) {
            return fail_with(sender.error(), ExitCode::usage);
        }
        const auto checked = check_server(*sender, job, stop.token());
        if (!checked || *checked != ExitCode::ok) {
            return checked ? status_of(*checked)
                           : fail_with(checked.error(), exit_code_for(checked.error()));
        }
        sender->on_conflict = options.replace ? OnConflict::replace : OnConflict::keep;
        job.pipeline.limits = sender->limits;
        job.send.sender = std::move(*sender);
    }
    BackfillSummary summary(options.json, options.dry_run, options.print_documents,
                            config->mqtt.has_value());
    auto worst = ExitCode::ok;
    const auto runs = runs_of(options, job, stop.token());
    for (const auto& paths : runs) {
        job.path = paths.front();
        job.together.assign(paths.begin() + 1, paths.end());
        if (const auto known = set_index(options, *config, job); !known) {
            return fail_with(known.error(), ExitCode::usage);
        }
        set_places(options, paths, job);
        job.rejects_behind = !options.rejects_file.empty() && &paths != &runs.front();
        job.source.history->set_more_follow(&paths != &runs.back());
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
    const auto [command, options] =
        line.add("backfill", "Import older data; safe to repeat, resumes where it stopped",
                 "pwlog backfill --dry-run archive.ndjson.gz", run_backfill_command);
    add_backfill_options(command, options);
}

}  // namespace pwlog
