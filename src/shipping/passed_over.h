// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "elastic/bulk_sender.h"
#include "spool/batch.h"

namespace pwlog {

/// Documents that wait in the spool and are not to be read again for now, as their index takes
/// none: shipping goes on behind them. Remembers where each hold's documents are, so that one can
/// be tried.
class PassedOver {
  public:
    /// Where the next batch begins.
    DocumentRef front() const { return front_; }
    /// The whole batch is done with: shipped, or held.
    void advance(const Batch& batch, const SendReport& report, const Holds& holds);
    /// Everything is to be looked at again, from the oldest on.
    void forget();

    /// A document to try, by the key of its hold: in turn the newest and the oldest, as one of them
    /// may be what nobody takes.
    std::optional<DocumentRef> probe(const std::string& hold);
    /// None where the hold's documents were not counted yet.
    std::optional<std::size_t> count(const std::string& hold) const;

  private:
    struct Waiting {
        DocumentRef oldest;
        DocumentRef newest;
        std::size_t count = 0;
        bool newest_next = true;
    };

    DocumentRef front_;
    std::map<std::string, Waiting, std::less<>> waiting_;
};

}  // namespace pwlog
