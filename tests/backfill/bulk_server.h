// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "support/http_stub.h"

namespace pwlog::test {

/// A server that takes bulk requests as Elasticsearch does: `create` is refused for what is there.
/// A document without an id is known by its text, as these have nothing beside identity.
class BulkServer {
  public:
    BulkServer();

    std::string url() const { return stub_.url(); }
    /// Index and id (or text) of all that is stored.
    std::map<std::string, std::string> documents() const;
    std::size_t count(const std::string& index) const;
    std::size_t request_count() const { return requests_; }

    /// To be set before the first request. An answer of its own instead of the right one.
    std::function<std::optional<StubReply>()> before;
    /// Answered 400.
    std::function<bool(const std::string& json)> refuse;
    /// Another status than 201 or 409; nothing is stored then.
    std::function<int(const std::string& json)> item_status;
    std::size_t largest_body = 100'000'000;

  private:
    StubReply answer(const StubRequest& request);
    std::string item(const std::string& action, const std::string& json);

    mutable std::mutex mutex_;
    std::map<std::string, std::string> documents_;
    std::atomic<std::size_t> requests_ = 0;
    HttpStub stub_;  // last: its thread uses everything above
};

}  // namespace pwlog::test
