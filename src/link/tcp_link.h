// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/dial.h"
#include "base/result.h"
#include "link/link.h"

namespace pwlog {

/// Where a serial line is reached over the network: `tcp://host:2001`, `tcp://[2001:db8::7]:2001`.
struct TcpPlace {
    std::string host;  ///< in small letters, without brackets
    std::uint16_t port = 0;

    /// The one spelling of it.
    std::string name() const;
};

/// A port's name that is no path.
bool is_tcp_name(std::string_view name);

/// Error `invalid`, with what was expected.
Result<TcpPlace> parse_tcp_name(const std::string& name);

/// Connects to a server that hands bytes on to the line as they are (ser2net in raw mode, ESP-Link,
/// a terminal server). All addresses of the name are tried, within three seconds together; looking
/// the name up is the system's and takes its own time, for which a stop does not wait. Each address
/// is locked for this machine before it is called, as many servers throw out who was there before:
/// by a name in the kernel's abstract socket namespace, which is as free as a lock when its process
/// has ended, however. Errors: busy (names the holder), not_found (no such name, nobody there),
/// invalid, stopped, io.
Result<std::unique_ptr<Link>> open_tcp_link(const std::string& name, const std::stop_token& stop,
                                            const Resolver& resolver = look_up);

}  // namespace pwlog
