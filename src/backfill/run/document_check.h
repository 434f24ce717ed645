// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backfill/json/document_shapes.h"
#include "document/document_kind.h"

namespace pwlog {

/// Holds one line against what a document of ours must be: JSON to the letter, `@timestamp` with a
/// zone, a known `event.dataset`, a `device.id`, and the outlet's number where, and only where, one
/// belongs. Keeps its memory from line to line. One thread at a time.
class DocumentCheck {
  public:
    /// True: facts() are those of this line. False: see reason() and hit().
    bool check(std::string_view line);

    const DocumentFacts& facts() const { return facts_; }
    /// For people: what is wrong, and where.
    const std::string& reason() const { return reason_; }

    /// What a valid JSON line that is no document is instead.
    struct Hit {
        std::string_view source;  ///< the text of `_source`; empty: none
        std::string_view id;      ///< of `_id`, raw; empty: none
        bool action = false;  ///< `{"create":{…}}`, `{"index":{…}}`: the next line is the source
        bool unusable_action = false;  ///< `update` or `delete`
        bool search_reply = false;     ///< a whole answer of _search
    };
    const Hit& hit() const { return hit_; }

  private:
    struct Walk;

    bool check_fully(std::string_view line);
    bool judge();
    bool refuse(std::string reason);

    DocumentShapes shapes_;
    std::vector<JsonLeaf> leaves_;
    DocumentFacts facts_;
    Hit hit_;
    std::string reason_;
    std::string dataset_;
    bool timestamp_seen_ = false;
    bool outlet_seen_ = false;
};

}  // namespace pwlog
