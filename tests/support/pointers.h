// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "base/document.h"

namespace pwlog::test {

/// Documents as a BulkSender takes them.
inline std::vector<const Document*> pointers(const std::vector<Document>& documents) {
    std::vector<const Document*> all;
    for (const auto& document : documents) {
        all.push_back(&document);
    }
    return all;
}

}  // namespace pwlog::test
