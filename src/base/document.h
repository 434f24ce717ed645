// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace pwlog {

/// One line for Elasticsearch.
struct Document {
    /// Follows from device, dataset, outlet and millisecond alone, so the same sample always has
    /// the same one, whichever way it comes. No tab, no line break.
    std::string id;
    std::string index;  ///< the month of its own time
    std::string json;   ///< one line, without its end
};

/// The same, kept by someone else.
struct DocumentView {
    std::string_view id;
    std::string_view index;
    std::string_view json;

    static DocumentView of(const Document& document) {
        return {document.id, document.index, document.json};
    }
};

}  // namespace pwlog
