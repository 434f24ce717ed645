// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdio>

#include "cli/command_line.h"
#include "cli/status_text.h"
#include "control/spool_access.h"
#include "daemon/section_options.h"
#include "terminal/moment.h"
#include "terminal/output.h"

namespace pwlog {

namespace {

/// What all four share.
struct SpoolCommandOptions {
    const CommonOptions* common = nullptr;
    bool json = false;
    bool bulk = false;
    std::string since;
    std::string until;
    std::int64_t limit = 0;
    std::int64_t status = 0;
    std::string type;
};

using Options = SpoolCommandOptions;

Timestamp now() { return to_timestamp(SystemClock().wall_now()); }

tl::unexpected<Error> output_failed() {
    return fail(ErrorKind::stopped, "standard output accepts no more");
}

/// Buffered, as there may be millions; ask() sees to the rest.
Result<void> print_piece(std::string_view json) {
    const bool whole = std::fwrite(json.data(), 1, json.size(), stdout) == json.size();
    if (!whole || std::fputc('\n', stdout) == EOF) {
        return output_failed();
    }
    return {};
}

/// Reads the configuration, asks, and tells the shell how it went.
int ask(const Options& options, const ControlRequest& request, const SendPiece& each) {
    const auto config = read_config(*options.common);
    if (!config) {
        return status_of(ExitCode::usage);
    }
    auto asked = ask_spool(*config, request, each);
    if (asked && std::fflush(stdout) != 0) {
        asked = output_failed();
    }
    if (asked) {
        return status_of(ExitCode::ok);
    }
    print_problem(asked.error().message);
    return status_of(asked.error().kind == ErrorKind::stopped ? ExitCode::failure
                                                              : spool_exit_code(asked.error()));
}

bool wants_table(const Options& options) { return !options.json && output_is_terminal(); }

int run_info(const Options& options) {
    return ask(options, {"spool info", {}}, [&options](std::string_view json) -> Result<void> {
        if (!wants_table(options)) {
            return print_piece(json);
        }
        print(spool_info_text(json, now()));
        return {};
    });
}

/// Puts the moment into the request; false, with a message, where it is none.
bool add_moment(const char* key, const std::string& text, ControlRequest& request) {
    const auto moment = parse_moment(text, fmt::format("--{}", key));
    if (!moment) {
        print_problem(moment.error().message);
        return false;
    }
    if (*moment) {
        request.arguments[key] = (*moment)->time_since_epoch().count();
    }
    return true;
}

int run_export(const Options& options) {
    ControlRequest request{.name = "spool export", .arguments = {}};
    request.arguments["bulk"] = options.bulk;
    if (!add_moment("since", options.since, request) ||
        !add_moment("until", options.until, request)) {
        return status_of(ExitCode::usage);
    }
    return ask(options, request, print_piece);
}

int run_rejects(const Options& options) {
    ControlRequest request{.name = "spool rejects", .arguments = {}};
    if (options.limit > 0) {
        request.arguments["limit"] = options.limit;
    }
    if (!wants_table(options)) {
        return ask(options, request, print_piece);
    }
    TextTable table = reject_table();
    const int status = ask(options, request, [&table](std::string_view json) -> Result<void> {
        add_reject(table, json);
        return {};
    });
    if (status == status_of(ExitCode::ok)) {
        const std::string text = table.text();
        print(text.empty() ? "No document was refused.\n" : text);
    }
    return status;
}

int run_retry(const Options& options) {
    ControlRequest request{.name = "spool retry", .arguments = {}};
    if (options.status > 0) {
        request.arguments["status"] = options.status;
    }
    if (!options.type.empty()) {
        request.arguments["type"] = options.type;
    }
    return ask(options, request, print_piece);
}

}  // namespace

void setup_spool(CommandLine& line) {
    CLI::App& spool = *line.app.add_subcommand(
        "spool", "Show what is waiting for Elasticsearch, delivered, or refused");
    spool.require_subcommand(1);
    spool.footer("`pwlog spool COMMAND --help` shows an example.");

    const auto [info, shown] =
        line.add_to(spool, "info", "Numbers and size of the spool", "pwlog spool info", run_info);
    add_json(info, shown.json);

    const auto [out, exported] =
        line.add_to(spool, "export", "Pending and delivered documents as NDJSON, for backfill",
                    "pwlog spool export --since 2026-11-01 >november.ndjson", run_export);
    add_value(out, "--since TIME", exported.since,
              "From this time on: 2026-11-22, or 2h for two hours ago");
    add_value(out, "--until TIME", exported.until, "Up to this time");
    out.add_flag("--bulk", exported.bulk, "As a bulk body, with index and _id of each document");

    const auto [rejects, listed] = line.add_to(
        spool, "rejects", "Documents that Elasticsearch refused for good, with the reasons",
        "pwlog spool rejects --limit 10", run_rejects);
    rejects.add_option("--limit", listed.limit, "At most so many")->check(CLI::PositiveNumber);
    add_json(rejects, listed.json);

    const auto [retry, again] =
        line.add_to(spool, "retry", "Queue refused documents again, after the cause was fixed",
                    "pwlog spool retry --type document_parsing_exception", run_retry);
    retry.add_option("--status", again.status, "Only those refused with this status")
        ->check(CLI::Range(100, 599));
    retry.add_option("--type", again.type, "Only those refused with this type of error");
}

}  // namespace pwlog
