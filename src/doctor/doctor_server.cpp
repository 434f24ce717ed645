// SPDX-License-Identifier: MIT
#include "doctor/doctor_server.h"

#include <fmt/format.h>

#include <vector>

#include "base/thread.h"
#include "daemon/section_options.h"
#include "elastic/server_check.h"

namespace pwlog {

namespace {

constexpr auto step = DoctorStep::elasticsearch;

/// One host's answer, or the finding that there is none.
struct Visit {
    std::optional<ExaminedServer> server;
    Finding finding;
    bool refused = false;  ///< it is there, but does not take the credentials
};

Finding failed(const ServerUrl& url, std::string name, std::string message, std::string next) {
    return {step, std::move(name), Verdict::fail, url.text(), std::move(message), std::move(next)};
}

Finding no_answer(const ServerUrl& url, const Error& error) {
    if (error.kind == ErrorKind::denied) {
        return failed(url, "server_tls", error.message,
                      "ca_file in [elasticsearch] must contain the authority that signed its "
                      "certificate, and the name in hosts must be the one in it");
    }
    if (error.kind == ErrorKind::garbled ||
        error.message.find("write https://") != std::string::npos) {
        return failed(url, "server_not_http", error.message,
                      "correct hosts in [elasticsearch]: http:// or https://, and the port");
    }
    return failed(url, "server_unreachable", error.message,
                  "check that it is running, the address is right and no firewall blocks it");
}

Finding odd_server(const ServerUrl& url, const Error& error) {
    if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::timeout) {
        return failed(url, "server_unavailable", error.message, "see Elasticsearch's own log");
    }
    return failed(url, "server_foreign", error.message, "correct hosts in [elasticsearch]");
}

Finding judge_server(const ServerUrl& url, const ServerInfo& info, IndexMode mode) {
    const auto check = check_server(info, mode);
    if (check.state != ServerCheck::State::fits) {
        const bool old = check.state == ServerCheck::State::old;
        return {step,       check.finding, old ? Verdict::warn : Verdict::fail,
                url.text(), check.message, check.next};
    }
    return {step, "server_answers", Verdict::pass, url.text(),
            info.version.empty() ? info.name() + ", which does not show its version to this key"
                                 : info.name()};
}

Visit visit(const ServerUrl& url, const HttpOptions& http, IndexMode mode,
            const std::stop_token& stop) {
    auto client = HttpClient::open(http);
    if (!client) {
        return {{}, no_answer(url, client.error())};
    }
    const auto reply = client->send(url, {.path = "/"}, stop);
    if (!reply) {
        return {{}, no_answer(url, reply.error())};
    }
    if (reply->status == 401) {
        Finding reachable{step, "server_answers", Verdict::pass, url.text(),
                          "answers, and asks for credentials"};
        return {ExaminedServer{std::move(*client), url, {}}, std::move(reachable), true};
    }
    auto info = identify_server(*client, url, stop);
    if (!info) {
        return {{}, odd_server(url, info.error())};
    }
    auto finding = judge_server(url, *info, mode);
    if (finding.verdict == Verdict::fail) {
        return {{}, std::move(finding)};
    }
    return {ExaminedServer{std::move(*client), url, std::move(*info)}, std::move(finding)};
}

HttpOptions patient_options(const ElasticConfig& config) {
    auto http = http_options(config);
    if (!http) {  // said by the step about secrets: who is there can be asked without
        auto bare = config;
        bare.authentication = AuthScheme::none;
        http = http_options(bare);
    }
    http->connect_timeout = std::chrono::seconds(5);
    http->total_timeout = std::chrono::seconds(8);
    return std::move(*http);
}

std::string cluster_of(const Visit& visit) {
    return visit.server ? visit.server->info.cluster_uuid : std::string();
}

/// The one that hosts have to be of: the daemon's, unless all hosts are of others: then it was made
/// anew, and the daemon goes there.
std::string expected_cluster(const std::vector<std::optional<Visit>>& visits,
                             const std::string& shipped_to) {
    std::string first;
    bool is_anew = true;
    for (const auto& one : visits) {
        const auto uuid = cluster_of(*one);
        first = first.empty() ? uuid : first;
        is_anew = is_anew && !uuid.empty() && uuid != shipped_to;
    }
    return shipped_to.empty() || is_anew ? first : shipped_to;
}

/// Of another cluster than the others, a host is of no use: its `server` goes.
void judge_cluster(Visit& visit, const std::string& expected, const std::string& shipped_to) {
    const auto uuid = cluster_of(visit);
    if (uuid.empty() || (uuid == expected && (shipped_to.empty() || uuid == shipped_to))) {
        return;
    }
    const bool is_anew = uuid == expected;
    const auto* const others = shipped_to.empty() ? "the hosts before it have"
                               : is_anew          ? "the daemon has shipped to"
                                                  : "the daemon ships to";
    visit.finding = failed(
        visit.server->url, "server_other_cluster",
        fmt::format("cluster_uuid {}, {} {}", uuid, others,
                    shipped_to.empty() ? expected : shipped_to),
        is_anew ? "correct hosts in [elasticsearch], unless the cluster was set up again: the "
                  "daemon continues here"
                : "list hosts of one cluster only: this one gets nothing");
    if (is_anew) {
        visit.finding.verdict = Verdict::warn;
    } else {
        visit.server.reset();
    }
}

}  // namespace

Findings examine_servers(const ElasticConfig& config, const DaemonStatus* daemon,
                         const std::stop_token& stop, std::optional<ExaminedServer>& server) {
    const auto http = patient_options(config);
    std::vector<std::optional<Visit>> visits(config.hosts.size());
    run_at_once("doctor", visits.size(), [&](std::size_t i) {
        visits[i] = visit(config.hosts[i], http, config.index_mode, stop);
    });
    Findings findings;
    const auto shipped_to = daemon != nullptr ? daemon->shipping.cluster : std::string();
    const auto cluster = expected_cluster(visits, shipped_to);
    for (auto& one : visits) {
        judge_cluster(*one, cluster, shipped_to);
        findings.push_back(one->finding);
        if (!server && one->server && !one->refused) {
            server = std::move(one->server);
        }
    }
    for (auto& one : visits) {
        if (!server && one->server) {
            server = std::move(one->server);  // authorisation says why it is of no use
        }
    }
    for (auto& finding : findings) {
        if (server && finding.verdict == Verdict::fail) {
            finding.verdict = Verdict::warn;  // another host does the work
        }
    }
    return findings;
}

}  // namespace pwlog
