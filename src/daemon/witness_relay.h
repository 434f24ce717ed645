// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "base/shared.h"
#include "mqtt/state_board.h"
#include "sampling/witness.h"

namespace pwlog {

/// Shows what is read to the board of the broker that is configured now, where there is one:
/// readers live longer than boards. Thread-safe.
class WitnessRelay final : public Witness {
  public:
    /// Null: to nobody.
    void show_to(std::shared_ptr<StateBoard> board) { board_.set(std::move(board)); }

    void saw(const PduContext& pdu, const std::string& firmware,
             const PduReading& reading) override {
        tell([&](StateBoard& board) { board.saw(pdu, firmware, reading); });
    }
    void saw(const AtsContext& ats, const std::string& firmware,
             const AtsReading& reading) override {
        tell([&](StateBoard& board) { board.saw(ats, firmware, reading); });
    }
    void saw(const DeviceTag& ups, const UpsReading& reading) override {
        tell([&](StateBoard& board) { board.saw(ups, reading); });
    }
    void missed(const DeviceTag& device) override {
        tell([&](StateBoard& board) { board.missed(device); });
    }
    void heard(const Document& event) override {
        tell([&](StateBoard& board) { board.heard(event); });
    }

  private:
    template <class What>
    void tell(const What& what) {
        if (const auto board = board_.get()) {
            what(*board);
        }
    }

    Shared<StateBoard> board_;
};

}  // namespace pwlog
