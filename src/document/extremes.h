#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "protocol/reading.h"

namespace pwlog {

/// The least and the greatest of what was read since the last document, so that a dip between two
/// documents is not lost.
template <class Unit>
class Spread {
  public:
    void add(const std::optional<Unit>& value) {
        if (value) {
            least_ = least_ ? std::min(*least_, *value) : *value;
            greatest_ = greatest_ ? std::max(*greatest_, *value) : *value;
        }
    }
    const std::optional<Unit>& least() const { return least_; }
    const std::optional<Unit>& greatest() const { return greatest_; }

  private:
    std::optional<Unit> least_;
    std::optional<Unit> greatest_;
};

struct PduExtremes {
    Spread<Volts> input_voltage;
    Spread<Amperes> input_current;
    Spread<Watts> input_power;
    std::array<Spread<Amperes>, pdu::outlet_count> current;
    std::array<Spread<Watts>, pdu::outlet_count> power;

    void add(const pdu::Status& status, const pdu::ActivePower& active);
};

struct AtsExtremes {
    std::array<Spread<Volts>, 2> voltage;
    Spread<Percent> load;
    Spread<Amperes> output_current;

    void add(const ats::Measurements& measurements);
};

}  // namespace pwlog
