// SPDX-License-Identifier: MIT
#include "simulator/pdu_meters.h"

#include <algorithm>
#include <cmath>

namespace pwlog::simulator {
namespace {

std::size_t decimals(const NumberField& field) {
    const auto point = field.shape.find('.');
    return point == std::string_view::npos ? 0 : field.shape.size() - point - 1;
}

/// 999.9 for 000.0
double highest(const NumberField& field) {
    const auto places = decimals(field);
    const auto digits = field.shape.size() - (places > 0 ? 1 : 0);
    return (std::pow(10.0, digits) - 1) / std::pow(10.0, places);
}

}  // namespace

std::string encode_saturated(const NumberField& field, std::optional<double> value) {
    if (value) {
        value = std::clamp(*value, std::min(field.least, 0.0), highest(field));
    }
    return encode_number(field, value);
}

double cut_to_shape(const NumberField& field, double value) {
    constexpr double rounding = 1e-6;  // 701.7 is a little less in binary
    const double scale = std::pow(10.0, decimals(field));
    return std::floor(value * scale + rounding) / scale;
}

}  // namespace pwlog::simulator
