// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>

#include "protocol/fields.h"
#include "protocol/pdu.h"

namespace pwlog::simulator {

/// The three figures of one meter, and of the same meter as shown.
struct Meter {
    double watts = 0;
    double volt_amperes = 0;
    double amperes = 0;
    Meter scaled(double factor) const {
        return {watts * factor, volt_amperes * factor, amperes * factor};
    }
};

/// What the PDU measures in one second.
struct PduMeters {
    double voltage = 0;
    double frequency = 0;
    double temperature = 0;
    Meter input;
    std::array<Meter, pdu::outlet_count> outlets;
};

/// Writes a value in a field's shape; one that does not fit shows the highest figure that does.
std::string encode_saturated(const NumberField& field, std::optional<double> value);

/// Cuts to the field's last digit, as a counter does, where a meter rounds.
double cut_to_shape(const NumberField& field, double value);

}  // namespace pwlog::simulator
