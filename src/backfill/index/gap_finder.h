// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
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

/// Tells which documents Elasticsearch lacks, so that only those are sent. One answer names up to
/// ten thousand documents that a device has in a month's index, in the order of time, so mostly one
/// question for each month and device is enough; a fuller month is asked for in parts, where
/// and when they are needed. Nothing is inferred from counts: each document is looked up. Memory
/// is bounded. One thread at a time; `clock` must outlive it.
class GapFinder {
  public:
    static Result<GapFinder> open(std::vector<ServerUrl> servers, const HttpOptions& http,
                                  const Clock& clock);

    /// Events are always said to be lacking: they are few, and known by their `_id` alone.
    Result<bool> lacks(const DocumentFacts& facts, const std::stop_token& stop);

  private:
    /// The documents of one time: a bit each.
    struct Moment {
        std::uint32_t behind_begin_ms;
        std::uint32_t documents;
    };
    /// All that a device has from `begin` to before `end`.
    struct Span {
        Timestamp begin;
        Timestamp end;
        std::vector<Moment> moments;  ///< in order
        std::uint64_t used = 0;       ///< the highest is that of the newest use
    };
    /// A month's index, a device, and what is known of both: by the beginning, nowhere overlapping.
    using Month = std::pair<std::string, std::string>;
    using Spans = std::map<Timestamp, Span>;
    /// What is to be asked for: a part of what is not known around a time, from one of its ends.
    struct Question {
        Timestamp begin;
        Timestamp end;
        bool backward;
    };

    GapFinder(std::vector<ServerUrl> servers, HttpClient client, const Clock& clock)
        : servers_(std::move(servers)), client_(std::move(client)), clock_(&clock) {}

    static Question question(const Spans& known, Timestamp time);
    std::size_t page_size(const Month& month) const;
    Result<Span> fetch(const Month& month, const Question& question, const std::stop_token& stop);
    Result<std::string> ask(const std::string& path, const std::string& body,
                            const std::stop_token& stop);
    void keep(Spans& known, Span span);

    std::vector<ServerUrl> servers_;
    HttpClient client_;
    const Clock* clock_;
    std::map<Month, Spans> months_;
    std::size_t moments_ = 0;
    std::uint64_t uses_ = 0;
};

}  // namespace pwlog
