// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "base/document.h"

namespace pwlog::test {

/// Documents as a BulkSender takes them.
inline std::vector<DocumentView> views(const std::vector<Document>& documents) {
    std::vector<DocumentView> all;
    for (const auto& document : documents) {
        all.push_back(DocumentView::of(document));
    }
    return all;
}

}  // namespace pwlog::test
