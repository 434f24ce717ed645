// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "backfill/run/backfill_job.h"
#include "cli/backfill/index_access.h"
#include "cli/command_line.h"
#include "config/config.h"

namespace pwlog {

/// What the command line of `pwlog backfill` says.
struct BackfillOptions {
    const CommonOptions* common = nullptr;
    std::vector<std::string> sources;
    std::string from;
    std::string since;
    std::string until;
    std::string device;
    std::string pdu;
    std::string ats;
    std::string ups;
    std::string upslog_format;
    std::string prefix;
    std::string window;
    std::vector<std::string> maps;
    std::string map_file;
    std::string time_format;
    std::string time_zone;
    bool decimal_comma = false;
    bool decimal_point = false;
    std::string delimiter;
    std::string interval;
    std::optional<int> acceptable_phases;
    bool no_events = false;
    IndexAccess source_access;  ///< of another index
    std::string state_file;
    std::string rejects_file;
    std::optional<double> rate;
    std::size_t concurrency = 2;
    bool gaps = false;
    bool replace = false;
    bool dry_run = false;
    bool print_documents = false;
    bool strict = false;
    bool keep_going = false;
    bool fresh = false;
    bool json = false;
};

void add_backfill_options(CLI::App& command, BackfillOptions& options);

/// Fills in what is the same for all sources. `invalid` names the option that cannot be obeyed.
Result<void> fill_backfill_job(const BackfillOptions& options, const Config& config,
                               BackfillJob& job);

}  // namespace pwlog
