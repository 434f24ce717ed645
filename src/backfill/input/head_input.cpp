// SPDX-License-Identifier: MIT
#include "backfill/input/head_input.h"

#include <algorithm>

namespace pwlog {

Result<std::unique_ptr<HeadInput>> HeadInput::open(std::unique_ptr<ByteInput> input) {
    constexpr std::size_t head_size = 6;
    std::unique_ptr<HeadInput> made(new HeadInput(std::move(input)));
    made->head_.resize(head_size);
    while (made->left_ < head_size) {
        const auto count =
            made->input_->read(made->head_.data() + made->left_, head_size - made->left_);
        if (!count) {
            return pass_on(count);
        }
        if (*count == 0) {
            break;
        }
        made->left_ += *count;
    }
    made->head_.resize(made->left_);
    return made;
}

Result<std::size_t> HeadInput::read(char* to, std::size_t size) {
    if (left_ == 0) {
        return input_->read(to, size);
    }
    const std::size_t count = std::min(size, left_);
    std::copy_n(head_.end() - static_cast<std::ptrdiff_t>(left_), count, to);
    left_ -= count;
    return count;
}

Result<void> HeadInput::skip_to(std::uint64_t offset) {
    // Only ever called before the first read: from within the head nothing has to be skipped.
    if (offset < head_.size()) {
        left_ = head_.size() - static_cast<std::size_t>(offset);
        return {};
    }
    left_ = 0;
    return input_->skip_to(offset);
}

}  // namespace pwlog
