// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/reading.h"

namespace pwlog {

/// Whether a PDU's meters agree with each other. A disagreement counts once it has lasted ten
/// minutes.
class MeterCheck {
  public:
    enum class Kind {
        outlets_sum,           ///< W of the input and of all outlets
        va_below_w,            ///< apparent and active power of one channel
        energy_against_power,  ///< the counter and power over time of one channel
    };

    struct Finding {
        Kind kind;
        std::size_t channel;  ///< 0 = the input, else the outlet
        bool failing;
        double measured;
        double expected;
    };

    /// One finding per check that has come to a verdict, failing or not; none where nothing can be
    /// said yet.
    std::vector<Finding> update(const PduReading& reading, Timestamp now);

    /// Where it stands, and back; from what cannot be read it begins anew.
    std::string save() const;
    void restore(std::string_view text);

  private:
    static constexpr std::size_t channels = pdu::outlet_count + 1;

    struct Comparison {
        bool outside;
        double measured;
        double expected;
    };
    /// Power over time beside the counter, since both were last set equal.
    struct Window {
        double last_w;
        double first_counter_wh;
        double last_counter_wh;
        double power_wh;
        double unsure_wh;  ///< the most that the readings' trapezia can be wrong by
    };
    std::optional<Comparison> energy_against_power(std::size_t channel,
                                                   const std::optional<Watts>& power,
                                                   const std::optional<KilowattHours>& counter,
                                                   double hours);
    void judge(Kind kind, std::size_t channel, const Comparison& compared,
               std::vector<Finding>& findings);
    void forget();

    std::array<std::array<std::optional<Timestamp>, channels>, 3> outside_since_;
    std::array<std::optional<Window>, channels> windows_;
    std::optional<Timestamp> last_;
};

/// `outlets_sum`, `va_below_w`, `energy_against_power`
std::string_view to_keyword(MeterCheck::Kind kind);

}  // namespace pwlog
