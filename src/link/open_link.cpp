// SPDX-License-Identifier: MIT
#include <filesystem>
#include <system_error>

#include "link/fd_link.h"
#include "link/hid_link.h"
#include "link/link.h"
#include "link/port_kind.h"
#include "link/port_lock.h"
#include "link/serial_link.h"
#include "link/tcp_link.h"

namespace pwlog {

Result<std::unique_ptr<Link>> open_link(const PortOptions& options, const std::stop_token& stop) {
    using Kind = PortOptions::Kind;
    const auto& name = options.name;
    if (is_tcp_name(name)) {
        return open_tcp_link(name, stop);
    }
    std::error_code nowhere;
    const std::string path = std::filesystem::canonical(name, nowhere).string();
    if (nowhere) {
        return cannot_open(name, name, nowhere.value());
    }
    auto kind = options.kind;
    if (kind == Kind::automatic) {
        const auto found = kind_of_port(name, path);
        if (!found) {
            return pass_on(found);
        }
        kind = *found;
    }
    switch (kind) {
        case Kind::serial:
            return open_serial_link(name, path);
        case Kind::hidraw:
            return open_hid_link(options, path);
        default:
            return open_fd_link(name, path);
    }
}

}  // namespace pwlog
