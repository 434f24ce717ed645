#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "backfill/index_query.h"
#include "backfill/search_page.h"
#include "base/clock.h"
#include "elastic/http.h"
#include "elastic/server.h"

namespace pwlog {

/// Reads an index, or several, page by page, as they were at one point in
/// time where the server has such (Elasticsearch since 7.12, OpenSearch since 2.4). It is closed
/// with this object. One thread at a time; `clock` must outlive it.
class IndexSearch {
  public:
    /// Asks who answers, whether the index is there, and whether it has the time field. Errors:
    /// `not_found`, `denied`, `invalid` (no Elasticsearch, no such field), `unavailable`.
    static Result<IndexSearch> open(IndexQuery query, const Clock& clock, std::stop_token stop);
    IndexSearch(IndexSearch&& other) noexcept;
    IndexSearch& operator=(IndexSearch&&) = delete;
    ~IndexSearch();

    /// Opens a point in time, or none where the server has none.
    Result<void> begin();
    /// Goes on with one that an earlier run left behind; the next page() tells whether it lives.
    void begin_with(std::string pit_id) { pit_id_ = std::move(pit_id); }

    /// Up to `size` documents behind `after`, a list of sort values; empty: from the start. The
    /// page is valid until the next call. Errors: `gone`, the point in time is there no more:
    /// begin() again; `full`, the answer is too long: ask for less; others end the run.
    Result<const SearchPage*> page(const std::string& after, std::size_t size);
    /// The sort values behind all documents of this time, or whatever the first sort value is.
    std::string behind(const std::string& time) const;
    /// Whether two documents of the same time have an order, so that a page may end between them.
    bool breaks_ties() const;
    /// Whether documents come in the order of time. Else it is one that another point in time does
    /// not have.
    bool by_time() const { return !(query_.any_order && breaks_ties()); }

    std::optional<std::uint64_t> total() const { return total_; }
    const std::string& pit_id() const { return pit_id_; }
    const IndexQuery& query() const { return query_; }

  private:
    IndexSearch(IndexQuery query, HttpClient client, const Clock& clock, std::stop_token stop)
        : query_(std::move(query)),
          client_(std::move(client)),
          clock_(&clock),
          stop_(std::move(stop)) {}

    Result<void> check_field();
    void count();
    Result<HttpReply> ask(HttpMethod method, const std::string& path, const std::string& body);
    Error explain(const HttpReply& reply) const;
    std::optional<std::int64_t> count_of(const std::string& filter);
    bool opensearch() const { return info_.product == ServerInfo::Product::opensearch; }
    void close();

    IndexQuery query_;
    HttpClient client_;
    const Clock* clock_;
    std::stop_token stop_;
    ServerInfo info_{};
    bool time_is_date_ = false;
    std::optional<std::uint64_t> total_;
    std::string pit_id_;
    std::string body_;  // of the answer that page_ looks into
    SearchPage page_;
};

}  // namespace pwlog
