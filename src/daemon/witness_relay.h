// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/shared.h"
#include "mqtt/state_board.h"
#include "sampling/witness.h"
#include "shipping/shipper.h"

namespace pwlog {

/// Shows what is read to the board of the broker that is configured now, where there is one:
/// readers live longer than boards. Tells the shipper when there is something for it. Thread-safe.
class WitnessRelay final : public Witness {
  public:
    explicit WitnessRelay(Shipper& shipper) : shipper_(shipper) {}

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

    void committed() override { shipper_.wake(); }
    void cycle_begins() override { ++cycles_; }
    void cycle_ended() override {
        --cycles_;
        shipper_.nudge();
    }
    /// Some device is being read: its documents are still to come.
    bool is_reading() const { return cycles_ > 0; }

  private:
    template <class What>
    void tell(const What& what) {
        if (const auto board = board_.get()) {
            what(*board);
        }
    }

    Shipper& shipper_;
    std::atomic<int> cycles_ = 0;  // that are being read
    Shared<StateBoard> board_;
};

}  // namespace pwlog
