// SPDX-License-Identifier: MIT
#include "base/stop_event.h"

#include <sys/eventfd.h>

namespace pwlog {

StopEvent::StopEvent(const std::stop_token& stop)
    : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), wake_(stop, Wake{event_.get()}) {}

void StopEvent::Wake::operator()() const noexcept { eventfd_write(fd, 1); }

}  // namespace pwlog
