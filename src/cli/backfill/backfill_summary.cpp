// SPDX-License-Identifier: MIT
#include "cli/backfill/backfill_summary.h"

#include <fmt/format.h>

#include "base/json_object.h"
#include "cli/command_line.h"
#include "terminal/output.h"
#include "terminal/terminal_text.h"

namespace pwlog {
namespace {

void write_tally(JsonObject& json, const Tally& tally) {
    json.add("read", tally.read);
    json.add("stored", tally.stored);
    json.add("duplicate", tally.duplicate);
    json.add("rejected", tally.rejected);
    json.add("skipped", tally.skipped);
    json.add("replaced", tally.replaced);
}

std::string tally_text(const Tally& tally, bool dry_run) {
    if (dry_run) {
        return fmt::format("{} read = {} would be sent + {} rejected + {} skipped", tally.read,
                           tally.read - tally.rejected - tally.skipped, tally.rejected,
                           tally.skipped);
    }
    const auto replaced =
        tally.replaced > 0 ? fmt::format(" ({} in place of what was there)", tally.replaced) : "";
    return fmt::format("{} read = {} stored{} + {} there already + {} rejected + {} skipped",
                       tally.read, tally.stored, replaced, tally.duplicate, tally.rejected,
                       tally.skipped);
}

std::string names_of(const std::vector<std::filesystem::path>& files) {
    std::string names;
    for (const auto& file : files) {
        names += (names.empty() ? "" : ", ") + file.string();
    }
    return names;
}

void write_source(JsonObject& json, const BackfillJob& job, const BackfillReport& report) {
    json.add("source", job.path);
    if (!job.together.empty()) {
        json.add("together", job.together);
    }
    json.add("kind", to_text(report.kind));
    write_tally(json, report.tally);
    json.add("resumed_behind", report.earlier.read);
    json.add("ignored_lines", report.ignored_lines);
    json.add("took_ms", static_cast<std::int64_t>(report.took.count()));
    json.add("complete", !report.failure && report.damage.empty());
    json.add_text("damage", report.damage);
    json.add("there_already_compared", static_cast<std::uint64_t>(report.content.looked_at));
    json.add("there_already_different", static_cast<std::uint64_t>(report.content.differ));
    if (report.failure) {
        json.add("error", report.failure->message);
    }
    json.add_text("rejects", names_of(report.rejects));
}

std::string source_text(const BackfillJob& job, const BackfillReport& report, bool dry_run,
                        bool publishes) {
    std::string text;
    const auto add = [&](const std::string& line) {
        text += terminal_text(fmt::format("{}: {}", name_of(job), line)) + "\n";
    };
    add(tally_text(report.tally, dry_run));
    if (holds_nothing(report)) {
        add(fmt::format("no pwlog data in its {} lines, read as {}; say with --from what it is",
                        report.ignored_lines, to_text(report.kind)));
    } else if (report.ignored_lines > 0) {
        add(fmt::format("{} other lines ignored (no pwlog data)", report.ignored_lines));
    }
    if (!report.damage.empty()) {
        add(report.damage);
    }
    if (report.content.differ > 0) {
        add(
            fmt::format("{} of {} compared that were there already have other values in the index, "
                        "which stay ({}); --replace writes these over",
                        report.content.differ, report.content.looked_at, report.content.example));
    }
    if (!report.rejects.empty()) {
        add(fmt::format(
            "rejected lines, each with its reason, are in {}; correct them and feed that "
            "back",
            names_of(report.rejects)));
    }
    if (report.failure && report.failure->kind == ErrorKind::stopped) {
        add(dry_run ? "interrupted before the end"
                    : "interrupted; the same command continues from here");
    } else if (report.failure) {
        add(fmt::format("ended early: {}{}", report.failure->message,
                        dry_run ? "" : "; the same command continues from here"));
    } else if (!dry_run && report.tally.stored == 0 && report.tally.duplicate > 0) {
        add("nothing new: all of it was there already");
    }
    const auto& tally = report.tally;
    const bool has_new = tally.read > tally.rejected + tally.skipped + tally.duplicate;
    if (publishes && report.kind == SourceKind::mqtt && has_new) {
        add("its times are the broker's. If it recorded this logger's own topics, each sample that "
            "was shipped live has a second one beside it, a fraction of a second apart: import "
            "only the times when nothing was shipped, with --since and --until");
    }
    return text;
}

}  // namespace

void BackfillSummary::add(const BackfillJob& job, const BackfillReport& report) {
    ++sources_;
    total_ += report.tally;
    JsonObject json;
    write_source(json, job, report);
    json_ += (json_.empty() ? "" : ",") + json.take();
    text_ += source_text(job, report, dry_run_, publishes_);
}

void BackfillSummary::add(const BackfillJob& job, const DryRunReport& dry) {
    ++sources_;
    total_ += dry.report.tally;
    JsonObject json;
    write_source(json, job, dry.report);
    text_ += source_text(job, dry.report, true, publishes_);
    json.add_list("would_send", dry.lines, [&](const auto& item) {
        const auto& line = item.second;
        const auto& [index, dataset, device] = item.first;
        json.add("index", index);
        json.add("dataset", dataset);
        json.add("device", device);
        json.add("documents", line.documents);
        json.add("first", format_time(line.first));
        json.add("last", format_time(line.last));
        text_ += terminal_text(fmt::format("  {}  {}  {}: {} documents, {} to {}", index, dataset,
                                           device, line.documents, format_time(line.first),
                                           format_time(line.last))) +
                 "\n";
    });
    json_ += (json_.empty() ? "" : ",") + json.take();
}

bool BackfillSummary::print_all() const {
    if (as_json_) {
        JsonObject json;
        write_tally(json, total_);
        json.add("dry_run", dry_run_);
        json.add_raw("sources", "[" + json_ + "]");
        return print(json.take() + "\n");
    }
    if (silent_) {
        print_problem(text_);
        return true;
    }
    std::string text = text_;
    if (sources_ > 1) {
        text += fmt::format("in all: {}\n", tally_text(total_, dry_run_));
    }
    return print(text);
}

}  // namespace pwlog
