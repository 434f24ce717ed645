// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>

namespace pwlog {

/// How long to wait before the next try. The longest wait doubles from try to try, and each wait is
/// drawn evenly below it ("full jitter"), so that clients that failed together do not come back
/// together.
class Backoff {
  public:
    using Milliseconds = std::chrono::milliseconds;

    struct Options {
        Milliseconds shortest = std::chrono::seconds(1);
        Milliseconds first = std::chrono::seconds(2);  ///< longest wait after the first failure
        Milliseconds ceiling =
            std::chrono::seconds(20);  ///< a fresh sample arrives within 30 s of a recovery
    };

    explicit Backoff(Options options) : options_(options), longest_(options.first) {}

    Milliseconds next() { return next(std::uniform_real_distribution<double>(0, 1)(chance_)); }
    /// `drawn` from [0, 1).
    Milliseconds next(double drawn) {
        const auto room = static_cast<double>((longest_ - options_.shortest).count());
        longest_ = std::min(longest_ * 2, options_.ceiling);
        return options_.shortest + Milliseconds(static_cast<Milliseconds::rep>(drawn * room));
    }

    /// Where the server may have said when (Retry-After): not before, within bounds, so that there
    /// is neither a storm nor a day of silence.
    Milliseconds after(std::optional<std::chrono::seconds> asked) {
        const auto drawn = next();
        return asked ? std::max<Milliseconds>(drawn, std::clamp(*asked, std::chrono::seconds(1),
                                                                std::chrono::seconds(300)))
                     : drawn;
    }

    /// After a success.
    void reset() { longest_ = options_.first; }

  private:
    Options options_;
    Milliseconds longest_;
    std::minstd_rand chance_{std::random_device{}()};
};

}  // namespace pwlog
