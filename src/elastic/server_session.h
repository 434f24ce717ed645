// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "elastic/hosts.h"
#include "elastic/http.h"
#include "elastic/server.h"
#include "elastic/server_url.h"
#include "elastic/template_check.h"

namespace pwlog {

/// The way to one cluster: which of its hosts is in use, who answers there, and which indices were
/// found fit to ship to. Nothing is sent to a host that was not identified, nor to an index that
/// was not checked. One thread at a time; `clock` must outlive it.
class ServerSession {
  public:
    /// `servers` is not empty.
    static Result<ServerSession> open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                      const OurTemplates& templates, const Clock& clock);

    /// Identifies the current host unless that is done; goes on to the next where it does not
    /// answer as it should. The error is the last host's, after all failed.
    Result<void> prepare(const std::stop_token& stop);

    /// After prepare(): how documents for this index are told apart. Fails with `not_found` where
    /// templates are missing, foreign or outdated; the message has the next step.
    Result<IndexMode> index_mode(const std::string& index, const std::stop_token& stop);

    /// After prepare(): sends a bulk body to the current host.
    Result<HttpReply> post_bulk(std::string_view body, const std::stop_token& stop);

    /// From now on no request takes longer than to then; none: as the options say.
    void set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline) {
        client_.set_deadline(deadline);
    }

    /// What answers at the current host, after prepare().
    const ServerInfo& info() const { return *info_; }
    const std::string& host() const { return hosts_.current().text(); }
    bool identified() const { return info_.has_value(); }
    /// The cluster that is shipped to; empty where its hosts do not say. To be expected again by
    /// the next process, before its first prepare().
    const std::string& cluster() const { return cluster_; }
    void expect_cluster(std::string uuid) { cluster_ = std::move(uuid); }
    /// The last thing to be told of a host that is of another cluster; empty: nothing.
    const std::string& cluster_notice() const { return cluster_notice_; }
    /// What is to be said of the server's age; empty: nothing.
    const std::string& age_notice() const { return age_notice_; }

    /// See HttpClient.
    bool renew_credentials() { return client_.renew_credentials(); }
    /// The current host did its work.
    void succeeded() { hosts_.succeeded(); }
    /// It did not: true if another one is worth a try at once, after prepare().
    bool fail_over();
    /// Check this index anew before the next document for it.
    void forget(const std::string& index) { checked_.erase(index); }
    /// Identify and check all anew: before the next try after a person had to act.
    void forget();

  private:
    ServerSession(std::vector<ServerUrl> servers, HttpClient client, const OurTemplates& templates,
                  const Clock& clock);

    Result<void> judge_cluster(const ServerInfo& info);

    HttpClient client_;
    Hosts hosts_;
    OurTemplates templates_;
    const Clock* clock_;
    std::optional<ServerInfo> info_;
    std::string cluster_;                                       // the one that is shipped to
    std::map<std::string, std::string, std::less<>> clusters_;  // by host, as last seen
    std::string cluster_notice_;
    std::string age_notice_;
    std::map<std::string, IndexMode, std::less<>> checked_;
};

}  // namespace pwlog
