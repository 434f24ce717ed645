// SPDX-License-Identifier: MIT
#include "cli/setup/setup_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "terminal/output.h"

namespace pwlog {

bool print_setup_lines(const std::vector<SetupLine>& lines, bool dry_run, const SetupLogin& login) {
    std::size_t widest = 0;
    for (const auto& line : lines) {
        widest = std::max(widest, line.object.size());
    }
    bool all_well = true;
    std::string advice;
    for (const auto& line : lines) {
        print(fmt::format("{:<{}}  {}{}{}\n", line.object, widest, to_text(line.outcome, dry_run),
                          line.detail.empty() ? "" : ": ", line.detail));
        if (line.outcome == SetupOutcome::failed) {
            all_well = false;
            advice = advice.empty() ? login_advice(login, line.detail) : advice;
        }
    }
    print_problem(advice);
    return all_well;
}

int setup_refused(const Error& error, const SetupLogin& login) {
    print_problem(error.message);
    print_problem(login_advice(login, error.message));
    const bool mistaken = error.kind == ErrorKind::invalid || error.kind == ErrorKind::not_found;
    return status_of(mistaken ? ExitCode::usage : ExitCode::server);
}

}  // namespace pwlog
