// SPDX-License-Identifier: MIT
#include "backfill/run/stretch.h"

#include <algorithm>

namespace pwlog {
namespace {

// {"create":{"_index":""}} and two line ends
constexpr std::size_t action_bytes = 26;

}  // namespace

bool Stretch::add(const BulkDocument& document, const SourceRecord& record) {
    const std::size_t more = document.json.size() + document.index.size() + action_bytes;
    if (!documents_.empty() &&
        (documents_.size() >= limits_.documents || bytes_ + more > limits_.bytes)) {
        return false;
    }
    if (indices_.empty() || indices_.back() != document.index) {
        indices_.emplace_back(document.index);
    }
    Entry entry{};
    entry.json_begin = text_.size();
    text_ += document.json;
    entry.id_begin = text_.size();
    if (document.json.find('\n') != document.json.npos) {
        std::replace(text_.begin() + static_cast<std::ptrdiff_t>(entry.json_begin), text_.end(),
                     '\n', ' ');
    }
    text_ += document.id;
    entry.end = text_.size();
    entry.index = indices_.size() - 1;
    entry.source = record.source;
    entry.line = record.line;
    documents_.push_back(entry);
    bytes_ += more;
    return true;
}

void Stretch::clear() {
    rejects.clear();
    tally = {};
    bytes_ = 0;
    text_.clear();
    documents_.clear();
    indices_.clear();
}

BulkDocument Stretch::document(std::size_t position) const {
    const auto& entry = documents_[position];
    const std::string_view text = text_;
    return {indices_[entry.index], text.substr(entry.id_begin, entry.end - entry.id_begin),
            text.substr(entry.json_begin, entry.id_begin - entry.json_begin)};
}

}  // namespace pwlog
