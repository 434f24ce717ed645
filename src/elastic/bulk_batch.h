// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/document.h"
#include "base/outcome.h"
#include "elastic/bulk.h"
#include "elastic/holds.h"

namespace pwlog {

/// What to do after a batch.
enum class NextStep : std::uint8_t {
    go_on,   ///< every document found its end; what is kept waits for its index: see holds()
    retry,   ///< after a back-off: the server or the way to it is in trouble
    pause,   ///< in a minute: a person has to act
    stopped  ///< a stop was requested
};

struct SendReport {
    std::vector<Outcome> outcomes;      ///< one for each document
    std::vector<ItemProblem> refusals;  ///< of the rejected ones; `position` is that in the batch
    NextStep next = NextStep::go_on;
    std::string problem;  ///< why not go_on, or why some are held: one line for people
    std::optional<std::chrono::seconds> retry_after;  ///< asked for by the server, not yet clamped
    bool templates_missing = false;  ///< some are held for want of our templates: `pwlog setup`
    std::size_t in_failure_store = 0;
    std::size_t replaced = 0;  ///< of the stored ones: in place of what was there
    std::size_t requests = 0;  ///< bulk requests that were sent
    /// Something of it may have gone out more than once: a duplicate may be our own.
    bool sent_twice = false;
};

/// Documents refused since their index took one, by index.
using Refusals = std::map<std::string, std::size_t, std::less<>>;

/// The documents of one BulkSender::send(): what became of each, and whose fault it is that some
/// were refused.
class BulkBatch {
  public:
    using Documents = std::span<const DocumentView>;

    /// `most_refused`: so many of one index in a row, and its rest is kept.
    BulkBatch(Documents documents, Holds& holds, Refusals& refused, std::size_t most_refused);

    const DocumentView& operator[](std::size_t position) const { return documents_[position]; }
    std::size_t size() const { return documents_.size(); }
    /// Whether a document that waits may still go out in this call.
    bool may_go(std::size_t position) const;

    /// It is there.
    void take(std::size_t position, Outcome outcome);
    /// It is not; `said`: what the server said of it.
    void fail(ItemProblem problem, std::string said);
    /// Rejects a document, unless its index took none of its neighbours and too many went that way.
    void refuse(ItemProblem problem);
    /// The index takes nothing now: once for each batch.
    void hold(std::string_view index, std::string reason, bool templates = false);
    /// At the end: whose fault the odd refusals are, and who has to wait.
    void settle();
    const std::set<std::string_view>& held() const { return held_; }

    bool going_on() const { return report.next == NextStep::go_on; }
    void end(NextStep next, std::string why);

    SendReport report;

  private:
    /// A refusal whose fault is not known: the document's, or its index's.
    struct OddItem {
        std::size_t position;
        std::string reason;
    };

    Documents documents_;
    Holds& holds_;
    Refusals& refused_in_a_row_;
    std::size_t most_refused_;
    std::vector<bool> waits_;           // by position: not before its hold lets it go
    std::set<std::string_view> taken_;  // indices that took something
    std::string_view last_taken_;
    std::set<std::string_view> held_;  // those that are held since
    std::map<std::string_view, std::vector<OddItem>> odd_;
};

/// "400 document_parsing_exception: [1:5] failed"
std::string describe(const ItemProblem& problem);

}  // namespace pwlog
