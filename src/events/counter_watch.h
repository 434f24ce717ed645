// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>

#include "document/event.h"
#include "events/state_text.h"
#include "protocol/pdu.h"

namespace pwlog {

/// Notices when a PDU's energy counters were cleared. That a smaller figure was confirmed by a
/// second reading is the device layer's care.
class CounterWatch {
  public:
    /// `names`: of the outlets. None where no counter fell.
    std::optional<Event> update(const DeviceTag& device,
                                const std::array<std::string, pdu::outlet_count>& names,
                                const pdu::Energy& energy, bool observed);

    void save(StateText& state) const;
    void restore(const StateText& state);

  private:
    std::array<std::optional<KilowattHours>, pdu::outlet_count + 1> last_;  // the input first
};

}  // namespace pwlog
