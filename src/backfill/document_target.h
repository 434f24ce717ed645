#pragma once

#include <array>
#include <string>
#include <string_view>

#include "backfill/record_source.h"
#include "document/document.h"

namespace pwlog {

/// Where a document goes: the index of its own month, and the `_id` where there has to be one. One
/// thread at a time; what it returns is valid until the next call.
class DocumentTarget {
  public:
    /// `own_ids`: metrics too get an `_id`, as they have to in a standard index.
    explicit DocumentTarget(bool own_ids) : own_ids_(own_ids) {}

    std::string_view index(const DocumentFacts& facts);
    /// Empty where the server makes it, from dimensions and time.
    std::string_view id(const DocumentFacts& facts, std::string_view given);

  private:
    struct Month {
        Timestamp begin{};
        Timestamp end{};  // exclusive
        std::string name;
    };

    bool own_ids_;
    std::array<Month, 2> months_;  // the last one of each family: the next document is mostly in it
    std::string id_;
};

}  // namespace pwlog
