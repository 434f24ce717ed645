// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/http_stub.h"

namespace pwlog::test {

/// A server with one index, `old-1`, that is searched as Elasticsearch's or OpenSearch's are: page
/// by page, by time or in the order of its shard, with and without a point in time. Where documents
/// of one time have no order it gives them another one with each answer.
class IndexServer {
  public:
    enum class Kind { elasticsearch, opensearch, without_pit };

    struct Document {
        std::int64_t time;
        std::string id;
        std::string source;
    };

    IndexServer(Kind kind, std::vector<Document> documents);

    std::string url() const { return stub_.url() + "/old-*"; }
    std::vector<StubRequest> requests() const { return stub_.requests(); }
    std::size_t open_pits() const;
    void forget_pits();

    /// To be set before the first request. Its answer instead of the right one.
    std::function<std::optional<StubReply>(const StubRequest&)> before;
    std::string time_type = "date";

  private:
    struct Order {
        bool by_time = false;
        bool by_shard = false;
        std::size_t turned_by = 0;
        std::size_t slice = 0;
        std::size_t slices = 1;
    };

    StubReply answer(const StubRequest& request);
    StubReply root() const;
    StubReply open_pit(const StubRequest& request);
    StubReply search(const StubRequest& request);
    std::string hits_behind(const std::vector<std::int64_t>& after, std::size_t size,
                            const Order& order);

    Kind kind_;
    std::vector<Document> documents_;  // by time
    mutable std::mutex mutex_;
    std::set<std::string> pits_;
    int next_pit_ = 0;
    std::minstd_rand chance_{7};
    HttpStub stub_;  // last: its thread uses everything above
};

}  // namespace pwlog::test
