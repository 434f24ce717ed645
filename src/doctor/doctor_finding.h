// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "terminal/exit_code.h"

namespace pwlog {

enum class Verdict {
    pass,
    warn,     ///< works, but somebody should look
    fail,     ///< does not work
    skipped,  ///< cannot be judged, because of what the message says
};
std::string_view to_text(Verdict verdict);

/// The links of the chain, in the order in which they are looked at.
enum class DoctorStep {
    configuration,
    secrets,
    daemon,
    ports,
    devices,
    ups,
    wire_time,
    clock,
    spool,
    broker,
    elasticsearch,
    authorisation,
    templates,
    documents,
};
std::string_view to_text(DoctorStep step);

/// What one look at one thing came to.
struct Finding {
    DoctorStep step;
    std::string name;  ///< "port_missing": for scripts, kept for ever; docs/doctor.md has them all
    Verdict verdict;
    std::string subject;  ///< which device, file or host; empty where there is only one
    std::string message;
    std::string next{};  ///< the next thing to do, where there is something
};
using Findings = std::vector<Finding>;

/// One step that cannot be judged.
Finding not_judged(DoctorStep step, std::string why);

/// The worst of them: skipped counts as pass.
Verdict worst(const Findings& findings);
/// That of the first step that failed; ok where none did.
ExitCode doctor_exit_code(const Findings& findings);

/// For a person: a line for what was found and one for what to do, wrapped to `columns` (0: not at
/// all); `coloured` for a terminal.
std::string finding_text(const Finding& finding, std::size_t columns, bool coloured);
/// The last line: how many of each.
std::string summary_text(const Findings& findings);
/// All of it as one JSON object.
std::string findings_json(const Findings& findings);

}  // namespace pwlog
