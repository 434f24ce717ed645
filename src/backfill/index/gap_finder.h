// SPDX-License-Identifier: MIT
#pragma once

#include <bitset>
#include <cstdint>
#include <deque>
#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "document/document_kind.h"
#include "elastic/http.h"
#include "elastic/server_url.h"

namespace pwlog {

/// Tells which documents Elasticsearch lacks, so that only those are sent. It asks once for each
/// month and device how many documents each hour has; only where an hour has some it asks which.
/// Nothing is taken for granted: an hour that looks complete is compared document by document.
/// Memory is bounded by a few hours. One thread at a time; `clock` must outlive it.
class GapFinder {
  public:
    static Result<GapFinder> open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                  const Clock& clock);

    /// Events are always said to be lacking: they are few, and known by their `_id` alone.
    Result<bool> lacks(const DocumentFacts& facts, const std::stop_token& stop);

  private:
    using Hour = std::chrono::sys_time<std::chrono::hours>;

    /// In which hours of its month an index has documents of one device, by kind.
    using Hours = std::map<DocumentKind, std::bitset<std::size_t{31} * 24>>;
    /// Which documents one device has in one hour: milliseconds and outlet.
    struct Known {
        std::string device;
        DocumentKind kind;
        Hour hour;
        std::vector<std::uint64_t> documents;  ///< in order
    };

    GapFinder(std::vector<ServerUrl> servers, HttpClient client, const Clock& clock)
        : servers_(std::move(servers)), client_(std::move(client)), clock_(&clock) {}

    Result<const Hours*> hours(const std::string& index, const std::string& device,
                               const std::stop_token& stop);
    Result<const Known*> known(const std::string& index, const DocumentFacts& facts, Hour hour,
                               const std::stop_token& stop);
    Result<std::string> ask(const std::string& path, const std::string& body,
                            const std::stop_token& stop);

    std::vector<ServerUrl> servers_;
    HttpClient client_;
    const Clock* clock_;
    std::map<std::pair<std::string, std::string>, Hours> hours_;  // by index and device
    std::deque<Known> known_;  // newest first; as many as there is room for
    std::size_t known_documents_ = 0;
};

}  // namespace pwlog
