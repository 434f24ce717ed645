// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "base/result.h"
#include "link/link.h"

namespace pwlog {

/// What stands at `path`, a canonical one: serial if the kernel lists it under /sys/class/tty,
/// hidraw if it belongs to that subsystem, descriptor for every other character device (PTYs are
/// in neither list). invalid for anything that is no character device; `name` is for the message.
Result<PortOptions::Kind> kind_of_port(const std::string& name, const std::string& path);

}  // namespace pwlog
