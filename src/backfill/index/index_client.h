// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "backfill/index/index_query.h"
#include "base/clock.h"
#include "elastic/http.h"
#include "elastic/server.h"

namespace pwlog {

/// Asks the server of another index, and asks again while it has trouble. One thread at a time;
/// `clock` must outlive it. The query's `tell` is called by one thread at a time, whichever.
class IndexClient {
  public:
    /// Asks who answers. Errors: `denied`, `invalid` (no Elasticsearch), `unavailable`.
    static Result<IndexClient> open(IndexQuery query, const Clock& clock, std::stop_token stop);
    /// The same server by a connection of its own, for another thread.
    Result<IndexClient> another(std::stop_token stop) const;

    /// Until an answer comes that another try would not change.
    Result<HttpReply> ask(HttpMethod method, const std::string& path, const std::string& body);
    /// Once and briefly; nothing depends on the answer.
    void say_goodbye(HttpMethod method, const std::string& path, const std::string& body);
    /// What an answer that is no good means; its kind says whether another try may help.
    Error explain(const HttpReply& reply) const;

    const IndexQuery& query() const { return *query_; }
    const ServerInfo& server() const { return info_; }
    const std::stop_token& stop() const { return stop_; }
    bool opensearch() const { return info_.product == ServerInfo::Product::opensearch; }

  private:
    IndexClient(std::shared_ptr<const IndexQuery> query, HttpClient client, const Clock& clock,
                std::stop_token stop)
        : query_(std::move(query)),
          client_(std::move(client)),
          clock_(&clock),
          stop_(std::move(stop)) {}

    std::shared_ptr<const IndexQuery> query_;
    HttpClient client_;
    const Clock* clock_;
    std::stop_token stop_;
    ServerInfo info_{};
};

/// Whether an answer has these words in it.
bool says(const HttpReply& reply, std::string_view what);

}  // namespace pwlog
