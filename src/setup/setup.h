// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "elastic/http.h"
#include "setup/setup_objects.h"

namespace pwlog {

enum class SetupOutcome { created, updated, removed, unchanged, skipped, failed };

/// In a dry run nothing "was" created, updated or removed.
std::string_view to_text(SetupOutcome outcome, bool dry_run = false);

/// What became of one object: a line of what `pwlog setup` prints.
struct SetupLine {
    std::string object;  ///< "component_template/powerwalker-base"
    SetupOutcome outcome = SetupOutcome::failed;
    std::string detail{};  ///< why, where that is not plain
};

/// What came of a request for it: `done`, or why not.
SetupLine outcome_of(std::string object, const Result<HttpReply>& reply, SetupOutcome done,
                     std::string (*describe)(const HttpReply&) = nullptr);

struct SetupOptions {
    SetupChoice choice{};  ///< its `lifecycle` is found out by asking the server
    bool dry_run = false;  ///< ask, compare, change nothing: the outcomes are what would be
};

/// Brings templates and lifecycle on the server to what this program needs; a second run changes
/// nothing. Objects of the same name that are not ours, or are newer, are left alone. An Error
/// means that nothing was tried: no server, not Elasticsearch, one that cannot take our templates
/// as `choice` has them, no right.
Result<std::vector<SetupLine>> run_setup(HttpClient& client, const ServerUrl& server,
                                         const SetupOptions& options,
                                         const std::stop_token& stop = {});

/// Takes away what run_setup() put there, in both index modes. Indices and their documents stay.
Result<std::vector<SetupLine>> remove_setup(HttpClient& client, const ServerUrl& server,
                                            bool dry_run, const std::stop_token& stop = {});

/// Writes what run_setup() would send into files below `folder`, and returns their names. Asks no
/// server.
Result<std::vector<std::string>> print_setup(const SetupChoice& choice,
                                             const std::filesystem::path& folder);

}  // namespace pwlog
