// SPDX-License-Identifier: MIT
#pragma once

#include <mutex>

#include "protocol/command.h"

namespace pwlog::pdu {

/// A permit that is replaced while the program runs (SIGHUP). A command that was made under an
/// earlier one is judged again when its bytes are about to go out. Any thread.
class LivePermit {
  public:
    explicit LivePermit(const SwitchPermit& permit = {}) : permit_(permit) {}

    SwitchPermit now() const;
    /// Once it has returned, nothing goes out any more that `permit` lacks.
    void replace(const SwitchPermit& permit);
    /// Calls `send`, during which the permit stays as it is; `denied` where it lacks the command.
    template <class Send>
    Result<void> send(const SetCommand& command, const Send& send) const {
        const std::lock_guard lock(mutex_);
        const auto allowed = command.check(permit_);
        return allowed ? send() : allowed;
    }

  private:
    mutable std::mutex mutex_;
    SwitchPermit permit_;
};

}  // namespace pwlog::pdu
