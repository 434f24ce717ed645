// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "link/link.h"

namespace pwlog {

/// Opens a serial port: libserialport sets the line, a descriptor of ours carries the bytes.
/// Settings belong to the terminal and not to who opened it, so this is one line with one
/// descriptor, which is locked before anything is changed on a port that others may be using, and
/// close-on-exec from its first moment; libserialport 0.1.1 does neither.
/// `path` is what `name` leads to, `/dev/tty…`: libserialport follows no links.
Result<std::unique_ptr<Link>> open_serial_link(const std::string& name, const std::string& path);

}  // namespace pwlog
