#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/reading.h"

namespace pwlog {

/// Whether a PDU's meters agree with each other. A disagreement counts once it has lasted ten
/// minutes.
class MeterCheck {
  public:
    struct Finding {
        std::string check;  ///< `outlets_sum`, `va_below_w`, `energy_against_power`
        bool failing;
        double measured;
        double expected;
        std::string words;
    };

    /// One finding per check that has settled, failing or not.
    std::vector<Finding> update(const PduReading& reading, Timestamp now);

  private:
    struct Comparison {
        std::string check;
        bool outside;
        double measured;
        double expected;
        std::string words;
    };
    Comparison outlets_sum(const PduReading& reading) const;
    Comparison va_below_w(const PduReading& reading) const;
    Comparison energy_against_power(const PduReading& reading, Timestamp now);

    std::map<std::string, Timestamp> outside_since_;
    struct Integral {
        Timestamp last;
        double last_w;
        double counter_start_wh;
        double counter_wh;
        double power_wh;
    };
    std::optional<Integral> integral_;
};

}  // namespace pwlog
