// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <vector>

#include "backfill/index/index_query.h"
#include "backfill/run/content_check.h"
#include "backfill/run/feed.h"
#include "backfill/run/pipeline.h"
#include "backfill/sources/source_options.h"

namespace pwlog {

/// One source, and everything that is asked about it.
struct BackfillJob {
    std::string path;                     ///< of the file, `-` for standard input
    std::vector<std::string> together{};  ///< files of values that are read as one with it
    SourceOptions source{};
    /// Instead of a file: makes the lines; `path` is then only a name.
    LineMaker maker{};
    /// Instead of a file: another index; `path` is its address.
    std::optional<IndexQuery> index{};
    PipelineOptions pipeline{};
    SendOptions send{};
    std::string reading{};               ///< whatever else of the command line decides what is sent
    std::string target{};                ///< names the cluster; another one means to begin anew
    std::filesystem::path state_file{};  ///< empty: nothing is kept to resume from
    /// One for each file, or one for all; none: bad lines are only told.
    std::vector<std::filesystem::path> rejects_files{};
    /// What the run has made so far, from one source to the next; none: that is not looked at.
    std::shared_ptr<IdentityBook> identities{};
    bool rejects_behind = false;  ///< that file holds those of another source, too
    bool gaps = false;            ///< ask what is there, and send only what lacks
    bool fresh = false;           ///< begin anew whatever the state file says
};

/// What happens meanwhile, for people; each may be empty.
struct BackfillListener {
    std::function<void(const Snapshot&)> progress{};
    std::function<void(const std::string&)> note{};  ///< any thread
};

/// How it ended.
struct BackfillReport {
    Tally tally;    ///< of the whole source, earlier parts of a resumed run included
    Tally earlier;  ///< what earlier runs had decided already
    SourceKind kind{};
    std::uint64_t ignored_lines = 0;
    std::string damage;            ///< why the source ended before its end
    std::optional<Error> failure;  ///< why the run did
    std::chrono::milliseconds took{};
    std::vector<std::filesystem::path> rejects{};  ///< files that hold some now
    ContentCheck::Findings content{};              ///< of what was there already
};

/// The job's files, as one name for people.
std::string name_of(const BackfillJob& job);

/// Whether there was nothing in it, though it is not empty: it is probably not what was meant.
inline bool holds_nothing(const BackfillReport& report) {
    return !report.failure && report.tally.read == 0 && report.ignored_lines > 0;
}

/// Everything that decides what is sent: with another plan a saved place means nothing.
std::string backfill_plan(const BackfillJob& job);

/// Brings one source to Elasticsearch. An Error: it could not even begin.
Result<BackfillReport> run_backfill(const BackfillJob& job, const BackfillListener& listener,
                                    const Clock& clock, const std::stop_token& stop);

/// What would be sent: how many documents of which kind and device, from when to when.
struct DryRunLine {
    std::uint64_t documents = 0;
    Timestamp first{};
    Timestamp last{};
};
struct DryRunReport {
    std::map<std::tuple<std::string, std::string, std::string>, DryRunLine>
        lines;  ///< by index, dataset, device
    BackfillReport report;
};

/// Reads and checks all of it and sends nothing. `print`, if given, gets each document.
Result<DryRunReport> dry_run_backfill(const BackfillJob& job, const BackfillListener& listener,
                                      const std::function<bool(std::string_view)>& print,
                                      const Clock& clock, const std::stop_token& stop);

}  // namespace pwlog
