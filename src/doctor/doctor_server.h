// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <stop_token>

#include "base/clock.h"
#include "config/config.h"
#include "control/daemon_status.h"
#include "doctor/doctor_finding.h"
#include "elastic/http.h"
#include "elastic/server.h"

namespace pwlog {

/// The server that the steps below ask: the first that answered as it should.
struct ExaminedServer {
    HttpClient client;
    ServerUrl url;
    ServerInfo info;
};

/// The steps of `pwlog doctor` at Elasticsearch. They only ask: what they send changes nothing.

/// Asks every configured host at once who it is; `server` has a value where one is of use. They
/// have to be of the cluster that the daemon ships to, or else of the first host's.
Findings examine_servers(const ElasticConfig& config, const DaemonStatus* daemon,
                         const std::stop_token& stop, std::optional<ExaminedServer>& server);

/// Whether the credentials have what shipping needs.
Findings examine_authorisation(ExaminedServer& server, const ElasticConfig& config,
                               const std::stop_token& stop);

/// Whether this month's indices are, or would be made, as the documents need them.
Findings examine_templates(ExaminedServer& server, const ElasticConfig& config, Timestamp now,
                           const std::stop_token& stop);

/// How old the newest document of each device is there, and what a running daemon says about
/// shipping.
Findings examine_documents(ExaminedServer& server, const Config& config, const DaemonStatus* daemon,
                           Timestamp now, const std::stop_token& stop);

/// The daemon's trouble with shipping, where it has any; also without a server to ask.
Findings examine_shipping(const DaemonStatus* daemon);

}  // namespace pwlog
