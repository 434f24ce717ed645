// SPDX-License-Identifier: MIT
#include "backfill/run/backfill_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "backfill/index/gap_finder.h"
#include "backfill/index/index_source.h"
#include "backfill/index/known_finder.h"
#include "backfill/input/file_input.h"
#include "backfill/run/document_target.h"
#include "backfill/run/job_state.h"
#include "base/printable.h"

namespace pwlog {
namespace {

std::chrono::milliseconds since(const Clock& clock, SteadyTime begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - begin);
}

std::string describe(const BackfillJob& job, const RejectedLine& line) {
    return describe(paths_of(job).at(line.source), line);
}

Result<OpenedSource> open_source(const BackfillJob& job, const SourcePosition* from,
                                 const BackfillListener& listener, const Clock& clock,
                                 const std::stop_token& stop) {
    if (job.index) {
        auto query = *job.index;
        query.since = job.pipeline.since;
        query.until = job.pipeline.until;
        query.tell = listener.note;
        return open_index_source(std::move(query), job.source, clock, stop, from);
    }
    return job.maker ? open_input_source(feed_input(job.maker), job.path, job.source, from)
                     : open_files_together(paths_of(job), job.source, from, stop);
}

void tell_opening(const BackfillJob& job, const OpenedSource& opened,
                  const BackfillListener& listener) {
    if (opened.recognised) {
        listener.note(fmt::format("{}: recognised as {}", name_of(job), to_text(opened.kind)));
    }
    if (opened.put_in_order) {
        listener.note(fmt::format("{}: not in the order of time; read by way of a scratch file",
                                  name_of(job)));
    }
    for (const auto& column : opened.left_out) {
        listener.note(fmt::format("{}: column '{}' is no field of this version; it is left out",
                                  name_of(job), printable(column, 80)));
    }
}

/// History goes on from what the index has.
Result<void> know_earlier(const BackfillJob& job, const BackfillListener& listener,
                          const std::stop_token& stop) {
    if (!job.source.history) {
        return {};
    }
    auto known =
        KnownFinder::open(job.send.sender.servers, job.send.sender.http, stop, listener.note);
    if (!known) {
        return pass_on(known);
    }
    job.source.history->set_known(std::make_shared<KnownFinder>(std::move(*known)));
    return {};
}

std::vector<std::filesystem::path> files_of(const std::vector<RejectsFile>& rejects) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : rejects) {
        if (file.bytes() > 0) {
            files.push_back(file.path());
        }
    }
    return files;
}

void count(DryRunReport& dry, std::string_view index, const DocumentFacts& facts) {
    auto& line =
        dry.lines[{std::string(index), std::string(dataset_name(facts.kind)), facts.device}];
    line.first = line.documents == 0 ? facts.time : std::min(line.first, facts.time);
    line.last = line.documents == 0 ? facts.time : std::max(line.last, facts.time);
    line.documents += 1;
}

void finish_report(BackfillReport& report, const RecordSource& source) {
    report.ignored_lines = source.ignored_lines();
    report.damage = source.damage();
}

BackfillListener complete(BackfillListener listener) {
    if (!listener.note) {
        listener.note = [](const std::string&) {};
    }
    return listener;
}

/// Ready to be written to, `marks` being those of an interrupted run.
Result<std::vector<RejectsFile>> open_rejects(const BackfillJob& job, const RecordSource& source,
                                              const std::vector<RejectsMark>* marks) {
    std::vector<RejectsOrigin> origins;
    for (const auto& path : paths_of(job)) {
        origins.push_back({path, source.rejects_header(origins.size())});
    }
    std::vector<RejectsFile> files;
    for (const auto& path : job.rejects_files) {
        auto& file = files.emplace_back(path, origins);
        const auto place = files.size() - 1;
        const auto ready =
            marks != nullptr ? file.resume(place < marks->size() ? (*marks)[place] : RejectsMark())
            : job.rejects_behind ? file.append()
                                 : file.start();
        if (!ready) {
            return pass_on(ready);
        }
    }
    return files;
}

/// Where what the pipeline sees goes.
void connect(Pipeline& pipeline, const BackfillJob& job, const BackfillListener& listener) {
    pipeline.on_progress = listener.progress;
    pipeline.on_trouble = listener.note;
    pipeline.on_bad_line = [&](const RejectedLine& line) { listener.note(describe(job, line)); };
    pipeline.identities = job.identities.get();
}

}  // namespace

std::string name_of(const BackfillJob& job) {
    return job.together.empty() ? job.path
                                : fmt::format("{} and {} more", job.path, job.together.size());
}

std::string backfill_plan(const BackfillJob& job) {
    const auto& asked = job.pipeline;
    const auto time = [](const std::optional<Timestamp>& when) {
        return when ? format_time(*when) : std::string("-");
    };
    const auto& source = job.source;
    return fmt::format("{} {} {} {} {} {} {} {}", source.kind ? to_text(*source.kind) : "-",
                       time(asked.since), time(asked.until), asked.device, source.devices.pdu,
                       source.devices.ats, source.devices.prefix,
                       std::hash<std::string>{}(job.reading));
}

Result<BackfillReport> run_backfill(const BackfillJob& job, const BackfillListener& given,
                                    const Clock& clock, const std::stop_token& stop) {
    const auto listener = complete(given);
    const auto begin = clock.steady_now();
    const auto held = hold_all(job);
    if (!held) {
        return pass_on(held);
    }
    auto state = find_state(job, listener);
    if (!state) {
        return pass_on(state);
    }
    auto& [start, resumed] = *state;
    // A run that was killed before its first record has left no place to go on from.
    const bool has_place = resumed && (start.position.offset > 0 || !start.position.state.empty());
    auto opened = open_source(job, has_place ? &start.position : nullptr, listener, clock, stop);
    if (!opened) {
        return pass_on(opened);
    }
    tell_opening(job, *opened, listener);
    if (opened->begins_anew) {
        listener.note(fmt::format(
            "{}: its rows are read in another order than before: starting again", name_of(job)));
        auto begun = fresh_state(job);
        if (!begun) {
            return pass_on(begun);
        }
        start = std::move(*begun);
        resumed = false;
    }
    if (auto known = know_earlier(job, listener, stop); !known) {
        return pass_on(known);
    }
    auto rejects = open_rejects(job, *opened->source, resumed ? &start.rejects : nullptr);
    if (!rejects) {
        return pass_on(rejects);
    }
    RunLedger ledger(
        start, job.state_file.empty() ? std::nullopt : std::optional(ResumeFile(job.state_file)),
        *rejects, clock);
    ContentCheck content;
    SendOptions send = job.send;
    send.content_check = &content;
    Pipeline pipeline(job.pipeline, std::move(send), clock);
    connect(pipeline, job, listener);
    std::optional<GapFinder> gaps;
    if (job.gaps) {
        auto finder = GapFinder::open(job.send.sender.servers, job.send.sender.http, clock);
        if (!finder) {
            return pass_on(finder);
        }
        gaps.emplace(std::move(*finder));
        pipeline.lacking = [&](const DocumentFacts& facts) { return gaps->lacks(facts, stop); };
    }
    auto outcome = pipeline.run(*opened->source, ledger, stop);
    BackfillReport report;
    report.kind = opened->kind;
    report.earlier = start.tally;
    report.tally = ledger.tally();
    report.took = since(clock, begin);
    report.rejects = files_of(*rejects);
    finish_report(report, *opened->source);
    report.content = content.compare(job.send.sender.servers, job.send.sender.http, stop);
    if (outcome) {
        outcome = ledger.forget();
    }
    if (!outcome) {
        report.failure = outcome.error();
    }
    return report;
}

Result<DryRunReport> dry_run_backfill(const BackfillJob& job, const BackfillListener& given,
                                      const std::function<bool(std::string_view)>& print,
                                      const Clock& clock, const std::stop_token& stop) {
    const auto listener = complete(given);
    const auto begin = clock.steady_now();
    auto opened = open_source(job, nullptr, listener, clock, stop);
    if (!opened) {
        return pass_on(opened);
    }
    tell_opening(job, *opened, listener);
    DryRunReport dry;
    auto& tally = dry.report.tally;
    DocumentTarget target;
    SourceRecord record;
    while (!stop.stop_requested()) {
        const auto more = opened->source->next(record);
        if (!more) {
            dry.report.failure = more.error();
            break;
        }
        if (!*more) {
            break;
        }
        tally.read += 1;
        if (record.kind == SourceRecord::Kind::bad) {
            tally.rejected += 1;
            listener.note(describe(job, {record.line, record.reason, {}, record.source}));
            if (job.pipeline.strict) {
                dry.report.failure = Error{ErrorKind::invalid, "a bad line (--strict)"};
                break;
            }
            continue;
        }
        if (!is_asked_for(job.pipeline, *record.facts)) {
            tally.skipped += 1;
            continue;
        }
        const auto& facts = *record.facts;
        const auto problem = why_refused(job.pipeline, job.identities.get(), facts,
                                         target.id(facts, record.id), record.text);
        if (!problem.empty()) {
            tally.rejected += 1;
            listener.note(describe(job, {record.line, problem, {}, record.source}));
            continue;
        }
        count(dry, target.index(facts), facts);
        if (print && !print(record.text)) {
            dry.report.failure = Error{ErrorKind::io, "writing to standard output failed"};
            break;
        }
    }
    if (stop.stop_requested() && !dry.report.failure) {
        dry.report.failure = Error{ErrorKind::stopped, "asked to stop"};
    }
    dry.report.kind = opened->kind;
    dry.report.took = since(clock, begin);
    finish_report(dry.report, *opened->source);
    return dry;
}

}  // namespace pwlog
