// SPDX-License-Identifier: MIT
#include "protocol/live_permit.h"

namespace pwlog::pdu {

SwitchPermit LivePermit::now() const {
    const std::lock_guard lock(mutex_);
    return permit_;
}

void LivePermit::replace(const SwitchPermit& permit) {
    const std::lock_guard lock(mutex_);
    permit_ = permit;
}

}  // namespace pwlog::pdu
