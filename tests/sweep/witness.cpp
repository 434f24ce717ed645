// SPDX-License-Identifier: MIT
#include "witness.h"

#include <cstdio>
#include <cstring>
#include <numeric>

namespace pwlog::test {

bool Witness::may_be_gone(const EntryFate& fate) const {
    return lossy || fate.damaged ||
           ((full || fate.time < keep_from) && fate.asked == fate.all_documents());
}

EntryFate* Witness::find(const char* stream, std::int64_t time) {
    for (std::size_t i = size; i-- > 0;) {
        if (entries.at(i).time == time && std::strcmp(entries.at(i).stream.data(), stream) == 0) {
            return &entries.at(i);
        }
    }
    return nullptr;
}

void Witness::note(Finding kind, const char* text) {
    ++findings.at(static_cast<std::size_t>(kind));
    if (first_finding.front() == '\0') {
        std::snprintf(first_finding.data(), first_finding.size(), "%s", text);
    }
}

int Witness::found() const { return std::accumulate(findings.begin(), findings.end(), 0); }

}  // namespace pwlog::test
