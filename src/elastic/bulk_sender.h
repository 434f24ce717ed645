// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/document.h"
#include "base/outcome.h"
#include "base/result.h"
#include "elastic/bulk.h"
#include "elastic/bulk_batch.h"
#include "elastic/byte_cap.h"
#include "elastic/holds.h"
#include "elastic/server_session.h"

namespace pwlog {

struct SenderOptions {
    std::vector<ServerUrl> servers{};  ///< not empty
    HttpOptions http{};
    OurTemplates templates{};
    BulkLimits limits{};
    OnConflict on_conflict = OnConflict::keep;
    /// So many documents of one index refused in a row, with none taken, are a fault of the set-up
    /// and not of the documents: the rest is kept.
    std::size_t refusals_in_a_row = 20;
    HoldTimes holds{};
};

/// Sends batches of documents and proves what becomes of each: splits what is too large, singles
/// out what makes a request fail, goes on to another host, and around indices that take none. `id`
/// of a document is always given; where the index makes its own it is not sent. One request in
/// flight; one thread at a time; `clock` must outlive it.
class BulkSender {
  public:
    static Result<BulkSender> open(const SenderOptions& options, const Clock& clock);

    /// `timeout` bounds all of its requests together, besides the client's own for each.
    SendReport send(std::span<const DocumentView> documents, const std::stop_token& stop = {},
                    std::optional<std::chrono::milliseconds> timeout = {});

    const std::string& host() const { return session_.host(); }
    /// "Elasticsearch 8.19.21", or empty while that is not known.
    std::string server_name() const;
    /// See ServerSession.
    const std::string& cluster() const { return session_.cluster(); }
    void expect_cluster(std::string uuid) { session_.expect_cluster(std::move(uuid)); }
    const std::string& cluster_notice() const { return session_.cluster_notice(); }
    const std::string& age_notice() const { return session_.age_notice(); }
    /// The last request was answered as it should be: worth another one at shutdown.
    bool known_good() const { return known_good_; }
    const Holds& holds() const { return holds_; }
    /// A person mended something: read keys and certificates again, try at once what is held.
    void hurry();

  private:
    using Range = std::pair<std::size_t, std::size_t>;  // positions, the second one behind the last

    BulkSender(const SenderOptions& options, ServerSession session, const Clock& clock);
    bool prepare(BulkBatch& batch, Range range, const std::stop_token& stop);
    bool end_preparation(BulkBatch& batch, Range range, const Error& error);
    std::size_t encode(BulkBatch& batch, Range range, const std::stop_token& stop);
    void exchange(BulkBatch& batch, Range range, const std::stop_token& stop);
    void take_reply(BulkBatch& batch, Range range, const HttpReply& reply);
    void take_items(BulkBatch& batch, const BulkReply& reply);
    void split(BulkBatch& batch, Range range, const HttpReply& reply);
    void trouble(BulkBatch& batch, Range range, NextStep next, std::string why);

    BulkLimits limits_;
    OnConflict on_conflict_;
    std::size_t refusals_in_a_row_;
    ServerSession session_;
    Holds holds_;
    BulkBody body_;
    std::vector<Range> todo_;        // of the batch, the next on top
    std::vector<std::size_t> sent_;  // positions of the documents in body_
    ByteCap cap_;
    int failures_in_a_row_ = 0;
    bool known_good_ = false;
    Refusals refused_in_a_row_;
};

}  // namespace pwlog
