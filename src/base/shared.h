// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace pwlog {

/// A part that may be replaced while others use it: who asks for it has it for as long as he keeps
/// it. Thread-safe.
template <class T>
class Shared {
  public:
    Shared() = default;
    explicit Shared(std::shared_ptr<T> value) : value_(std::move(value)) {}

    std::shared_ptr<T> get() const {
        const std::lock_guard lock(mutex_);
        return value_;
    }
    /// The one before ends with whoever had it last.
    void set(std::shared_ptr<T> value) {
        const std::lock_guard lock(mutex_);
        value_.swap(value);
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<T> value_;
};

}  // namespace pwlog
