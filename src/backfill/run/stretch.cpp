// SPDX-License-Identifier: MIT
#include "backfill/run/stretch.h"

#include <algorithm>

namespace pwlog {
namespace {

// {"create":{"_index":""}} and two line ends
constexpr std::size_t action_bytes = 26;

}  // namespace

void Stretch::add(std::string_view index, std::string_view id, const SourceRecord& record) {
    if (items_.empty() || items_.back().index != index) {
        const auto known = indices_.find(index);
        index = known != indices_.end() ? *known : *indices_.emplace(index).first;
    } else {
        index = items_.back().index;
    }
    items_.push_back({text_.size(), static_cast<std::uint32_t>(id.size()),
                      static_cast<std::uint32_t>(record.text.size()), index, record.source,
                      record.line});
    text_ += id;
    text_ += record.text;
    if (record.text.find('\n') != record.text.npos) {
        std::replace(text_.end() - static_cast<std::ptrdiff_t>(record.text.size()), text_.end(),
                     '\n', ' ');
    }
    const std::size_t more = record.text.size() + index.size() + action_bytes;
    bytes_ += more;
    largest_ = std::max(largest_, more);
}

bool Stretch::full() const {
    return items_.size() >= limits_.documents || bytes_ + largest_ > limits_.bytes;
}

void Stretch::clear() {
    rejects.clear();
    tally = {};
    bytes_ = largest_ = 0;
    text_.clear();
    items_.clear();
    indices_.clear();
}

DocumentView Stretch::document(const Item& item) const {
    const std::string_view text(text_);
    return {text.substr(item.begin, item.id_size), item.index,
            text.substr(item.begin + item.id_size, item.json_size)};
}

}  // namespace pwlog
