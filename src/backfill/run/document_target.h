// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "backfill/sources/record_source.h"
#include "document/document.h"

namespace pwlog {

/// Where a document goes: the index of its own month, and its identity, which is the `_id` wherever
/// the index doesn't make its own of it. One thread at a time; what it returns is valid until the
/// next call.
class DocumentTarget {
  public:
    std::string_view index(const DocumentFacts& facts);
    /// metric_id() or event_id(), written by hand: it is made for every document. `given`: the
    /// `_id` that an event came with.
    std::string_view id(const DocumentFacts& facts, std::string_view given);

  private:
    struct Month {
        Timestamp begin{};
        Timestamp end{};  // exclusive
        std::string name;
    };

    std::array<Month, 2> months_;  // the last one of each family: the next document is mostly in it
    std::string id_;
    Timestamp time_{};  // what digits_ were made of: the documents of one reading have one time
    std::string digits_ = "0";
};

}  // namespace pwlog
