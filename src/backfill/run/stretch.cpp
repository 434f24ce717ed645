// SPDX-License-Identifier: MIT
#include "backfill/run/stretch.h"

#include <algorithm>

namespace pwlog {
namespace {

// {"create":{"_index":""}} and two line ends
constexpr std::size_t action_bytes = 26;

/// In the memory that is there, or in no more than it needs: std::string would take up to twice.
void put(std::string& into, std::string_view text) {
    if (into.capacity() < text.size()) {
        into = std::string(text);
    } else {
        into = text;
    }
}

}  // namespace

bool Stretch::add(std::string_view index, std::string_view id, const SourceRecord& record) {
    const std::size_t more = record.text.size() + index.size() + action_bytes;
    if (count_ > 0 && (count_ >= limits_.documents || bytes_ + more > limits_.bytes)) {
        return false;
    }
    if (count_ == items_.size()) {
        items_.emplace_back();
    }
    auto& [document, source, line] = items_[count_++];
    put(document.id, id);
    if (document.index != index) {  // mostly it is there: what is not written stays in each cache
        put(document.index, index);
    }
    put(document.json, record.text);
    if (record.text.find('\n') != record.text.npos) {
        std::replace(document.json.begin(), document.json.end(), '\n', ' ');
    }
    source = record.source;
    line = record.line;
    bytes_ += more;
    return true;
}

void Stretch::clear() {
    rejects.clear();
    tally = {};
    bytes_ = 0;
    count_ = 0;
}

}  // namespace pwlog
