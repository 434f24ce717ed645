// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "backfill/index/index_client.h"
#include "backfill/index/index_query.h"

namespace pwlog {

/// What is asked once of an index, or of several, before its pages are: is it there, how much is
/// it, and a point in time where the server has such (Elasticsearch since 7.12, OpenSearch since
/// 2.4). That is closed with this object. One thread at a time; `clock` must outlive it.
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
    /// Goes on with one that an earlier run left behind, or with what it is called now.
    void begin_with(std::string_view pit_id) { pit_id_ = pit_id; }

    /// What the first page of all is asked with; its size is still to be chosen.
    PageQuery first_page() const;
    /// The sort values behind all documents of this time.
    std::string behind(const std::string& time) const;
    /// Whether two documents of the same time have an order, so that a page may end between them.
    bool breaks_ties() const { return !pit_id_.empty() && !client_.opensearch(); }
    /// Whether documents come in the order of time. Else it is one that another point in time does
    /// not have.
    bool by_time() const { return !(client_.query().any_order && breaks_ties()); }
    /// How many slices may be read side by side: those that were asked for, or one.
    std::size_t slices() const;

    std::optional<std::uint64_t> total() const { return total_; }
    const std::string& pit_id() const { return pit_id_; }
    const IndexQuery& query() const { return client_.query(); }
    const IndexClient& client() const { return client_; }

  private:
    explicit IndexSearch(IndexClient client) : client_(std::move(client)) {}

    Result<void> check_field();
    void count();
    void tell_closed();
    std::optional<std::int64_t> count_of(const std::string& filter);
    void close();

    IndexClient client_;
    bool time_is_date_ = false;
    bool mixed_times_ = false;
    std::optional<std::uint64_t> total_;
    std::string pit_id_;
};

}  // namespace pwlog
