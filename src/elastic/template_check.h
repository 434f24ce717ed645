// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "elastic/http.h"
#include "elastic/index_mode.h"
#include "elastic/server.h"

namespace pwlog {

/// Whether documents may be sent to one index: only where what it is, or would be made from, is
/// ours.
struct TemplateCheck {
    enum class State {
        present,   ///< ours, of this version
        newer,     ///< ours, of a later version: fields stay, so documents fit
        outdated,  ///< ours, but fields that this version writes are not in it
        missing,   ///< nothing of ours would apply
        foreign,   ///< somebody else's template or index
        unknown,   ///< this key may read neither the template nor an index
    };

    State state = State::unknown;
    IndexMode index_mode = IndexMode::time_series;  ///< decides whether documents carry an `_id`
    std::string message{};  ///< for people, with the next step; empty when fine

    bool may_ship() const { return state == State::present || state == State::newer; }
};

/// The templates that this program brings, and how `setup` would install them.
struct OurTemplates {
    std::int64_t version = 0;
    IndexMode index_mode = IndexMode::time_series;
};

/// Checks the index `index`, "powerwalker-metrics-2026.11", by the `_meta` in its mapping; where it
/// does not exist yet by the one that the server would give it, or else by the index's siblings.
/// Where they are not as they should be and the server could not take ours either, the message says
/// that instead of sending to `setup`. An Error means that the server could not be asked:
/// `unavailable`, `timeout`, `denied` (401), `garbled`, `stopped`.
Result<TemplateCheck> check_template(HttpClient& client, const ServerUrl& server,
                                     const ServerInfo& info, const OurTemplates& ours,
                                     const std::string& index, const std::stop_token& stop = {});

}  // namespace pwlog
