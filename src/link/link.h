// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace pwlog {

/// A byte line to one device. One thread at a time. Every wait ends at the deadline or when a stop
/// is requested. After an error of kind `gone` the descriptor is closed and every further call says
/// `gone`: open the line anew by its configured name, for the device comes back under another
/// number.
class Link {
  public:
    virtual ~Link() = default;

    /// Sends all bytes. Returning means that the kernel took them, not that they have left: at 2400
    /// baud a byte needs another 4.17 ms. Errors: timeout, gone, stopped, io.
    virtual Result<void> write(std::string_view bytes, SteadyTime deadline,
                               const std::stop_token& stop) = 0;

    /// Waits for at least one byte, returns what is there (at most buffer.size(), which is not 0).
    /// How many come at once says nothing about the answer's end. Errors: timeout, gone, stopped,
    /// io. Never returns 0.
    virtual Result<std::size_t> read(std::span<char> buffer, SteadyTime deadline,
                                     const std::stop_token& stop) = 0;

    /// Throws away what has already arrived (kernel buffers too). Errors: gone, io.
    virtual Result<void> discard_input() = 0;

    /// The name as configured, for messages.
    virtual const std::string& name() const = 0;
};

/// Which line to open, and how.
struct PortOptions {
    enum class Kind {
        automatic,   ///< look at the device: what open_link() is for
        serial,      ///< a UART or USB adapter, through libserialport
        descriptor,  ///< any other terminal: a PTY
        hidraw,      ///< a USB bridge without a serial driver, moved in 8-byte reports
    };

    std::string name;  ///< path as configured; a udev link is followed anew at each opening
    Kind kind = Kind::automatic;
    /// hidraw: the byte written before each report; nullopt = none. The kernel wants 0 from a
    /// device without numbered reports (Documentation/hid/hidraw.rst).
    std::optional<std::uint8_t> report_number = std::uint8_t{0};
    /// hidraw: pause between the reports of a command longer than 8 bytes (mpp-solar waits as
    /// long).
    std::chrono::milliseconds report_gap{50};
};

/// Opens, locks and sets the line: 2400 8N1, raw, input empty. Errors: busy (names the holder),
/// denied (says what to try), not_found, invalid (not a device), stopped (a connection that was
/// being made), io.
Result<std::unique_ptr<Link>> open_link(const PortOptions& options,
                                        const std::stop_token& stop = {});

}  // namespace pwlog
