// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace pwlog {

/// An index that accepts no documents now, or a single document that its index does not take for a
/// reason that nobody knows.
struct Hold {
    std::string index;
    std::string document;  ///< its id; empty: the whole index
    std::string reason;    ///< of the last refusal, for people
    bool templates_missing = false;
    WallTime since{};
    SteadyTime next_try{};
    std::chrono::milliseconds wait{};      ///< between the last try and the next
    std::optional<std::size_t> waiting{};  ///< documents, where that is known
};

struct HoldTimes {
    std::chrono::milliseconds first = std::chrono::seconds(15);
    std::chrono::milliseconds longest = std::chrono::minutes(5);
};

/// What is not sent for now, as only a person or time can mend it, so that everything else goes on.
/// When its time has come one document is let through, to see. The waits double.
class Holds {
  public:
    explicit Holds(const Clock& clock, HoldTimes times) : clock_(&clock), times_(times) {}

    /// Whether this document may go now; a held one whose time has come may, and once.
    bool admit(std::string_view index, std::string_view document);
    /// The index, or only this document of it, did not take what was tried: once for each try.
    void refuse(std::string_view index, std::string_view document, std::string reason,
                bool templates_missing = false);
    /// It did.
    void release(std::string_view index, std::string_view document);
    /// All are due: a person says that something was mended.
    void hurry();

    bool empty() const { return holds_.empty(); }
    std::size_t documents_of(std::string_view index) const;
    /// When the first one is due.
    std::optional<SteadyTime> next_try() const;
    const std::map<std::string, Hold, std::less<>>& all() const { return holds_; }
    static std::string key(std::string_view index, std::string_view document);

  private:
    const Clock* clock_;
    HoldTimes times_;
    std::map<std::string, Hold, std::less<>> holds_;
};

/// "powerwalker-metrics-2026.10 accepts no documents: 403 cluster_block_exception: …"
std::string describe(const Hold& hold);

}  // namespace pwlog
