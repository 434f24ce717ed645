// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "protocol/fields.h"
#include "protocol/query.h"

namespace pwlog::pdu {

inline constexpr Query qmd{"QMD", 31};
inline constexpr Query qgs{"QGS", 77};
inline constexpr Query qpw{"QPW", 44};
inline constexpr Query qpva{"QPVA", 44};
inline constexpr Query qec{"QEC", 80};
inline constexpr Query qsr{"QSR", 111};
/// These, with their decoders.
extern const std::array<KnownQuery, 6> queries;

inline constexpr int outlet_count = 8;

/// The digit QGS has for each outlet.
enum class OutletState {
    off = 0,
    on = 1,
    shutdown_active = 2,
    shutdown_imminent = 3,  ///< front panel S01-S08
    restore_active = 4,
    overload = 5,  ///< front panel F01-F08
    locked = 6,    ///< front panel L01-L08
};

/// `off`, `on`, `shutdown_active` …: the keyword of a document.
std::string_view to_keyword(OutletState state);
/// `Off`, `On`, `Shutdown active` …: the words users of the Python library know.
std::string_view to_words(OutletState state);

/// The six alarm bits at the start of QGS.
struct Alarms {
    bool low_input_voltage = false;   ///< A01
    bool high_input_voltage = false;  ///< A02
    bool low_input_current = false;   ///< F09
    bool high_input_current = false;  ///< F10
    bool aux1_power_fail = false;     ///< F11
    bool aux2_power_fail = false;     ///< F12
    bool operator==(const Alarms&) const = default;
};

/// QGS. A value the device gives as dashes is none.
struct Status {
    std::string bits;  ///< the 16 characters as they came
    Alarms alarms;
    std::array<OutletState, outlet_count> outlets{};
    std::optional<Volts> input_voltage;
    std::optional<Hertz> input_frequency;
    std::optional<Amperes> input_current;
    std::array<std::optional<Amperes>, outlet_count> outlet_current;
    std::optional<Celsius> temperature;
};

/// QPW, QPVA and QEC have one number for the input and one for each outlet.
template <class Unit>
struct PerOutlet {
    std::optional<Unit> input;
    std::array<std::optional<Unit>, outlet_count> outlets;
    bool operator==(const PerOutlet&) const = default;
};
using ActivePower = PerOutlet<Watts>;
using ApparentPower = PerOutlet<VoltAmperes>;
using Energy = PerOutlet<KilowattHours>;

/// QSR, seconds left; 0 where nothing counts down.
struct Countdown {
    int shutdown_s = 0;
    int restore_s = 0;
    bool operator==(const Countdown&) const = default;
};
using Countdowns = std::array<Countdown, outlet_count>;

/// QMD.
struct Model {
    std::string name;  ///< without its `#` padding
    std::string phases;
    int nominal_input_v = 0;
    int nominal_output_v = 0;
    int inputs = 0;
    int outputs = 0;
};

/// Each decoder takes a payload and accepts nothing but a whole answer to its own query; the error
/// is `garbled` and quotes what came.
Result<Status> decode_status(std::string_view payload);
Result<ActivePower> decode_active_power(std::string_view payload);
Result<ApparentPower> decode_apparent_power(std::string_view payload);
Result<Energy> decode_energy(std::string_view payload);
Result<Countdowns> decode_countdowns(std::string_view payload);
Result<Model> decode_model(std::string_view payload);

/// The shapes of the answers, shared with the simulator.
extern const std::array<NumberField, 12> status_fields;  ///< behind the 16 status characters
extern const std::array<NumberField, 9> active_power_fields;
extern const std::array<NumberField, 9> apparent_power_fields;
extern const std::array<NumberField, 9> energy_fields;

}  // namespace pwlog::pdu
