// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "device/session.h"
#include "protocol/memory.h"
#include "protocol/reading.h"

namespace pwlog {

/// A PowerWalker automatic transfer switch behind a session. One thread at a time.
class AtsDevice {
  public:
    AtsDevice(Session session, const Clock& clock);

    /// QATS and QAS. What changed in the status is asked for twice. Fails as a whole when one query
    /// does.
    Result<AtsReading> read_cycle(const std::stop_token& stop);

    Result<std::string> read_firmware(const std::stop_token& stop);
    Result<std::vector<MemoryValue>> read_memory(int address, const std::stop_token& stop);

    /// The 24 status characters that need no second reading, from an earlier process.
    void expect_status(std::string bits) { believed_bits_ = std::move(bits); }

    Session& session() { return session_; }

  private:
    Session session_;
    const Clock& clock_;
    std::string believed_bits_;
};

}  // namespace pwlog
