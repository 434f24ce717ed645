// SPDX-License-Identifier: MIT
#include "elastic/server_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "elastic/bulk.h"
#include "elastic/server_check.h"

namespace pwlog {

ServerSession::ServerSession(std::vector<ServerUrl> servers, HttpClient client,
                             const OurTemplates& templates, const Clock& clock)
    : client_(std::move(client)),
      hosts_(std::move(servers)),
      templates_(templates),
      clock_(&clock) {}

Result<ServerSession> ServerSession::open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                          const OurTemplates& templates, const Clock& clock) {
    auto client = HttpClient::open(http);
    if (!client) {
        return pass_on(client);
    }
    return ServerSession(std::move(servers), std::move(*client), templates, clock);
}

Result<void> ServerSession::prepare(const std::stop_token& stop) {
    // Each host once: the first may have rested by the time that the last has failed.
    for (std::size_t tried = 1; !info_; ++tried) {
        auto info = identify_server(client_, hosts_.current(), stop);
        if (info) {
            if (const auto same = judge_cluster(*info); !same) {
                info = pass_on(same);
            }
        }
        if (info) {
            info_ = std::move(*info);
            const auto fit = check_server(*info_, templates_.index_mode);
            age_notice_ = fit.state == ServerCheck::State::old ? fit.text() : std::string();
        } else if (info.error().kind == ErrorKind::stopped || !fail_over() ||
                   tried >= hosts_.size()) {
            return pass_on(info);
        }
    }
    return {};
}

/// A host of another cluster gets nothing. Where all hosts have another one than before, it was
/// made anew: accepted.
Result<void> ServerSession::judge_cluster(const ServerInfo& info) {
    if (info.cluster_uuid.empty()) {
        return {};
    }
    clusters_[host()] = info.cluster_uuid;
    const bool is_anew = clusters_.size() == hosts_.size() &&
                         std::none_of(clusters_.begin(), clusters_.end(),
                                      [this](const auto& seen) { return seen.second == cluster_; });
    if (cluster_.empty()) {
        cluster_ = info.cluster_uuid;
    } else if (is_anew) {
        cluster_notice_ = fmt::format(
            "{} is another cluster than before (cluster_uuid {}, before {}), and no "
            "host is of the old one any more: shipping goes there",
            host(), info.cluster_uuid, cluster_);
        cluster_ = info.cluster_uuid;
    }
    if (info.cluster_uuid == cluster_) {
        return {};
    }
    cluster_notice_ = fmt::format(
        "{} is of another cluster (cluster_uuid {}) than the one that is shipped to "
        "({}): it gets nothing; leave out of hosts in [elasticsearch] what is not of one cluster "
        "or will not answer any more, then restart pwlog",
        host(), info.cluster_uuid, cluster_);
    return fail(ErrorKind::invalid, cluster_notice_);
}

Result<IndexMode> ServerSession::index_mode(const std::string& index, const std::stop_token& stop) {
    if (const auto known = checked_.find(index); known != checked_.end()) {
        return known->second;
    }
    const auto check = check_template(client_, hosts_.current(), *info_, templates_, index, stop);
    if (!check) {
        return pass_on(check);
    }
    if (!check->may_ship()) {
        return fail(ErrorKind::not_found, check->message);
    }
    checked_[index] = check->index_mode;
    return check->index_mode;
}

Result<HttpReply> ServerSession::post_bulk(std::string_view body, const std::stop_token& stop) {
    return client_.send(hosts_.current(),
                        {.method = HttpMethod::post,
                         .path = std::string(bulk_path),
                         .body = body,
                         .content_type = "application/x-ndjson"},
                        stop);
}

bool ServerSession::fail_over() {
    forget();  // what comes back may be a new, empty server
    return hosts_.failed(clock_->steady_now());
}

void ServerSession::forget() {
    info_.reset();
    checked_.clear();
}

}  // namespace pwlog
