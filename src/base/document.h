// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace pwlog {

/// One line for Elasticsearch.
struct Document {
    /// Follows from device, dataset, outlet and millisecond alone, so the same sample always has
    /// the same one, whichever way it comes. No tab, no line break.
    std::string id;
    std::string index;  ///< the month of its own time
    std::string json;   ///< one line, without its end
};

}  // namespace pwlog
