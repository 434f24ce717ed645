// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "operations.h"

namespace pwlog::test {

/// How one trial went.
struct Verdict {
    std::array<int, finding_kinds> findings{};
    bool crashed = false;
    bool hung = false;
    std::chrono::milliseconds cpu{};                     ///< that its longest process took
    std::string first;                                   ///< of the findings
    std::array<int, system_calls::call_kinds> counts{};  ///< calls that the operation made

    bool clean() const;
};

/// How a process ended, and what it took.
struct Ended {
    int status = 0;
    std::chrono::milliseconds cpu{};
};

/// A history by chance, in a process of its own.
Verdict try_history(unsigned seed, const std::filesystem::path& scratch);

/// One operation with its folder, tried again and again: each time in processes of their own, from
/// the same beginning.
class Bench {
  public:
    /// Makes the folder, and tries the operation once without a fault.
    Bench(const Operation& operation, const std::filesystem::path& scratch);
    const Verdict& undisturbed() const { return undisturbed_; }
    Verdict run(const system_calls::Plan& plan);

  private:
    struct Shared;
    void act(const system_calls::Plan& plan);
    void snapshot();
    void look_at_remains();
    void look_at(const std::filesystem::path& folder, Ending ending, Witness& witness);
    void allow_for_damage();
    Verdict verdict(const Ended& first, const Ended& second) const;

    const Operation& operation_;
    std::filesystem::path scratch_;
    std::filesystem::path template_;
    std::filesystem::path live_;
    std::shared_ptr<Shared> shared_;
    Verdict undisturbed_;
};

}  // namespace pwlog::test
