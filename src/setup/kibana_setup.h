// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <vector>

#include "base/result.h"
#include "elastic/http.h"
#include "setup/kibana_objects.h"
#include "setup/setup.h"

namespace pwlog {

struct KibanaOptions {
    KibanaChoice choice{};
    bool alerts = false;   ///< create the alerting rules too
    bool dry_run = false;  ///< ask, compare, change nothing: the outcomes are what would be
};

/// Brings dashboards, data view, list of events and tag to Kibana. What differs from ours is
/// overwritten, under the same id; a second run changes nothing. A rule that exists is left as it
/// is: thresholds and actions are the user's. An Error means that nothing was tried: no Kibana, one
/// before 8.12, no such space, no right. Kibana takes no gzip: open `client` without.
Result<std::vector<SetupLine>> run_kibana_setup(HttpClient& client, const ServerUrl& kibana,
                                                const KibanaOptions& options,
                                                const std::stop_token& stop = {});

}  // namespace pwlog
