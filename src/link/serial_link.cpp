// SPDX-License-Identifier: MIT
#include "link/serial_link.h"

#include <fmt/format.h>
#include <libserialport.h>

#include <utility>

#include "link/fd_link.h"
#include "link/port_lock.h"

namespace pwlog {
namespace {

struct ClosePort {
    void operator()(sp_port* port) const {
        sp_close(port);  // answers SP_ERR_ARG where opening had failed
        sp_free_port(port);
    }
};
using SerialPort = std::unique_ptr<sp_port, ClosePort>;

/// libserialport's failure in our terms. To be called right after the call that failed: only then,
/// and on that thread, is the library's message valid.
Result<void> translated(sp_return code, const std::string& name, const char* tried) {
    switch (code) {
        case SP_OK:
            return {};
        case SP_ERR_ARG:
            return fail(ErrorKind::invalid,
                        fmt::format("{}: libserialport: {}: not a serial port", name, tried));
        case SP_ERR_SUPP:
            return fail(
                ErrorKind::io,
                fmt::format("{}: libserialport: {}: not supported by this port", name, tried));
        case SP_ERR_MEM:
            return fail(ErrorKind::io,
                        fmt::format("{}: libserialport: {}: no memory", name, tried));
        case SP_ERR_FAIL:
            break;
    }
    char* const message = sp_last_error_message();
    auto text = fmt::format("{}: libserialport: {}: {}", name, tried,
                            message != nullptr ? message : "failed");
    sp_free_error_message(message);
    return fail(ErrorKind::io, std::move(text));
}

Result<void> configure(const std::string& name, const std::string& path) {
    sp_port* raw = nullptr;
    if (auto found = translated(sp_get_port_by_name(path.c_str(), &raw), name, "find"); !found) {
        return found;
    }
    const SerialPort port(raw);
    auto done = translated(sp_open(raw, SP_MODE_READ_WRITE), name, "open");
    if (done) {
        done = translated(sp_set_baudrate(raw, 2400), name, "set 2400 baud");
    }
    if (done) {
        done = translated(sp_set_bits(raw, 8), name, "set 8 data bits");
    }
    if (done) {
        done = translated(sp_set_parity(raw, SP_PARITY_NONE), name, "set no parity");
    }
    if (done) {
        done = translated(sp_set_stopbits(raw, 1), name, "set 1 stop bit");
    }
    if (done) {
        done =
            translated(sp_set_flowcontrol(raw, SP_FLOWCONTROL_NONE), name, "set no flow control");
    }
    return done;
}

}  // namespace

Result<std::unique_ptr<Link>> open_serial_link(const std::string& name, const std::string& path) {
    auto port = open_locked(name, path);
    if (!port) {
        return pass_on(port);
    }
    if (const auto configured = configure(name, path); !configured) {
        return pass_on(configured);
    }
    // libserialport leaves VMIN = 0, which makes a hangup look like silence, and looks for CRTSCTS
    // among the input flags, so hardware flow control that somebody else had set stays on.
    if (const auto set = set_line(port->get(), name); !set) {
        return pass_on(set);
    }
    // Last, for the claim would refuse libserialport's own open().
    if (const auto claimed = claim_terminal(port->get(), name); !claimed) {
        return pass_on(claimed);
    }
    return std::make_unique<FdLink>(std::move(*port), name);
}

}  // namespace pwlog
