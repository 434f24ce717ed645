// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace pwlog {

/// What has become of a document that was sent to Elasticsearch.
enum class Outcome : std::uint8_t {
    stored,     ///< proved
    duplicate,  ///< proved to have been there already: stored too, counted apart
    rejected,   ///< will never be taken
    kept,       ///< not proved to be there: to be sent again
};

}  // namespace pwlog
