// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <optional>

namespace pwlog {

/// A number with a unit in its type, so that watts are never taken for volt-amperes: the two
/// answers look alike on the wire. Explicit in and out.
template <class Unit, class Number>
class Quantity {
  public:
    constexpr Quantity() = default;
    explicit constexpr Quantity(Number value) : value_(value) {}
    constexpr Number value() const { return value_; }
    constexpr auto operator<=>(const Quantity&) const = default;

  private:
    Number value_{};
};

using Volts = Quantity<struct VoltsUnit, double>;
using Amperes = Quantity<struct AmperesUnit, double>;
using Hertz = Quantity<struct HertzUnit, double>;
using Celsius = Quantity<struct CelsiusUnit, double>;
using KilowattHours = Quantity<struct KilowattHoursUnit, double>;
using Watts = Quantity<struct WattsUnit, int>;  // the wire has whole numbers
using VoltAmperes = Quantity<struct VoltAmperesUnit, int>;
using Degrees = Quantity<struct DegreesUnit, int>;  // an angle, not a temperature
using Percent = Quantity<struct PercentUnit, int>;  // 100 = all of it

/// The bare number, or none: for output, where the field's name carries the unit.
template <class Unit, class Number>
constexpr std::optional<Number> value_of(const std::optional<Quantity<Unit, Number>>& quantity) {
    return quantity ? std::optional<Number>(quantity->value()) : std::nullopt;
}

/// The way back; a whole unit drops what stands behind the point.
template <class Unit>
constexpr std::optional<Unit> as(const std::optional<double>& number) {
    using Number = decltype(Unit().value());
    return number ? std::optional<Unit>(Unit(static_cast<Number>(*number))) : std::nullopt;
}

}  // namespace pwlog
