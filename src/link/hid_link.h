// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "link/line_io.h"
#include "link/link.h"

namespace pwlog {

/// A hidraw node: the same bytes, packed in reports of 8, padded with NUL. Out, for `S,1.1R0000`:
/// ```
/// 00 53 2c 31 2e 31 52 30 30     report number, then "S,1.1R00"
/// 00 30 30 0d 00 00 00 00 00     "00\r" and padding, report_gap later
/// ```
/// In: one read() is one report; without the number, unless the device numbers its reports.
class HidLink final : public Link {
  public:
    HidLink(UniqueFd fd, std::string name, std::optional<std::uint8_t> report_number,
            std::chrono::milliseconds report_gap);

    Result<void> write(std::string_view bytes, SteadyTime deadline,
                       const std::stop_token& stop) override;
    Result<std::size_t> read(std::span<char> buffer, SteadyTime deadline,
                             const std::stop_token& stop) override;
    Result<void> discard_input() override;
    const std::string& name() const override { return io_.name(); }

  private:
    Result<void> write_report(std::string_view bytes, SteadyTime deadline,
                              const std::stop_token& stop);

    LineIo io_;
    std::optional<std::uint8_t> report_number_;
    std::chrono::milliseconds report_gap_;
    std::string unread_;  // the rest of a report that did not fit the caller's buffer
};

/// A link on an open descriptor that keeps the borders of messages, as hidraw does and a socket of
/// type SOCK_SEQPACKET.
std::unique_ptr<Link> make_hid_link(UniqueFd fd, std::string name,
                                    std::optional<std::uint8_t> report_number,
                                    std::chrono::milliseconds report_gap);

/// Opens and locks `path`, where the configured name leads.
Result<std::unique_ptr<Link>> open_hid_link(const PortOptions& options, const std::string& path);

}  // namespace pwlog
