// SPDX-License-Identifier: MIT
#include "switching/posted_job.h"

namespace pwlog {

/// False where it is elsewhere than at `from` by now.
bool JobTurn::advance(Stage from, Stage to) {
    {
        const std::lock_guard lock(mutex_);
        if (stage_ != from) {
            return false;
        }
        stage_ = to;
    }
    changed_.notify_all();
    return true;
}

bool JobTurn::begin(const std::stop_token& stop) {
    const bool is_over = stop.stop_requested();
    return advance(Stage::posted, is_over ? Stage::abandoned : Stage::begun) && !is_over;
}

Result<void> JobTurn::wait(const std::stop_token& stop) {
    {
        std::unique_lock lock(mutex_);
        const auto is_over = [&] { return stage_ >= Stage::done; };
        if (changed_.wait(lock, stop, is_over) && stage_ == Stage::done) {
            return {};
        }
        if (stage_ == Stage::abandoned) {
            return fail(ErrorKind::stopped, "the device is not read any more; ask again");
        }
    }
    if (advance(Stage::posted, Stage::abandoned)) {
        return fail(ErrorKind::stopped, "asked to stop before the device was free");
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stage_ == Stage::done; });
    return {};
}

}  // namespace pwlog
