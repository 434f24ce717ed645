// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "device/ask.h"
#include "device/power_check.h"
#include "device/session.h"
#include "protocol/memory.h"
#include "protocol/reading.h"

namespace pwlog {

/// A PowerWalker PDU RC-16A behind a session. One thread at a time.
class PduDevice {
  public:
    PduDevice(Session session, const Clock& clock);

    /// QGS, QPW, QEC, QPVA, and QSR while an outlet counts down. What changed in the status is
    /// asked for twice. Fails as a whole when one query does.
    Result<PduReading> read_cycle(const std::stop_token& stop);

    /// QGS and QPW: what can change from one second to the next.
    Result<PduFastReading> read_fast(const std::stop_token& stop);

    Result<pdu::Status> read_status(const std::stop_token& stop);
    Result<pdu::ActivePower> read_active_power(const std::stop_token& stop);
    Result<pdu::ApparentPower> read_apparent_power(const std::stop_token& stop);
    Result<pdu::Energy> read_energy(const std::stop_token& stop);
    Result<pdu::Countdowns> read_countdowns(const std::stop_token& stop);
    Result<pdu::Model> read_model(const std::stop_token& stop);
    Result<std::string> read_firmware(const std::stop_token& stop);
    Result<std::vector<MemoryValue>> read_memory(int address, const std::stop_token& stop);

    /// Sends a set command, once. The next cycle asks QSR, whatever the states say.
    CommandResult command(const pdu::SetCommand& command, const pdu::LivePermit& permit,
                          const std::stop_token& stop);

    /// When each outlet goes off at the earliest, by the last QSR; none of one that was not
    /// counting down to that, or where a command was sent since.
    using CountdownEnds = std::array<std::optional<SteadyTime>, pdu::outlet_count>;
    CountdownEnds countdown_ends() const { return countdown_ends_; }

    /// The 16 status characters that need no second reading, from an earlier process.
    void expect_status(std::string bits) { believed_bits_ = std::move(bits); }

    Session& session() { return session_; }

  private:
    struct Power : PowerPair {
        pdu::Energy energy;
    };
    Result<Timed<pdu::Status>> ask_status(const std::stop_token& stop);
    Result<Timed<pdu::Status>> read_believable_status(const std::stop_token& stop);
    Result<Power> read_power(const std::stop_token& stop);
    Result<Power> read_believable_power(const std::stop_token& stop);
    Result<pdu::Energy> read_believable_energy(pdu::Energy first, const std::stop_token& stop);

    Session session_;
    const Clock& clock_;
    std::string believed_bits_;
    std::optional<PowerPair> last_power_;
    bool odd_meter_ = false;          // odd power figures were confirmed by asking again
    bool countdown_expected_ = true;  // after start and after a command
    CountdownEnds countdown_ends_{};
    std::optional<pdu::Energy> last_energy_;
    SteadyTime last_energy_at_{};
};

}  // namespace pwlog
