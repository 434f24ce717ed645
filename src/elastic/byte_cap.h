// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>

namespace pwlog {

/// How large a request body may be: a server or proxy that said "too large" is remembered, and
/// asked again for a little more only now and then, as its limit may have been raised.
class ByteCap {
  public:
    explicit ByteCap(std::size_t limit) : limit_(limit), cap_(limit) {}

    std::size_t bytes() const { return cap_; }

    /// A body of this size was too large.
    void lower(std::size_t size) {
        cap_ = std::max(std::min(cap_, size / 2), smallest);
        successes_ = 0;
    }

    void succeeded() {
        if (cap_ < limit_ && ++successes_ >= successes_to_grow) {
            cap_ = std::min(limit_, cap_ + cap_ / 8);
            successes_ = 0;
        }
    }

  private:
    static constexpr std::size_t smallest = 1024;
    static constexpr int successes_to_grow = 50;

    std::size_t limit_;
    std::size_t cap_;
    int successes_ = 0;
};

}  // namespace pwlog
