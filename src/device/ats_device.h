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

    /// QATS and QAS. Fails as a whole when one query does.
    Result<AtsReading> read_cycle(const std::stop_token& stop);

    Result<ats::Measurements> read_measurements(const std::stop_token& stop);
    Result<ats::Status> read_status(const std::stop_token& stop);
    Result<ats::Ratings> read_ratings(const std::stop_token& stop);
    Result<std::string> read_firmware(const std::stop_token& stop);
    Result<std::vector<MemoryValue>> read_memory(int address, const std::stop_token& stop);

    Session& session() { return session_; }

  private:
    Session session_;
    const Clock& clock_;
};

}  // namespace pwlog
