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

namespace pwlog::ats {

inline constexpr Query qats{"QATS", 40};
inline constexpr Query qas{"QAS", 24};
inline constexpr Query qri{"QRI", 20};
/// These, with their decoders.
extern const std::array<KnownQuery, 3> queries;

/// One of the two inputs as QATS measures it.
struct Source {
    std::optional<Volts> voltage;
    std::optional<Hertz> frequency;
};

/// QATS.
struct Measurements {
    std::array<Source, 2> sources;
    std::optional<Percent> load;
    std::optional<Amperes> output_current;
    std::optional<Degrees> sync_angle;
    std::optional<Celsius> temperature;
};

/// What is wrong with one source, from QAS.
struct SourceBits {
    bool voltage_bad = false;
    bool freq_bad = false;
    bool wave_bad = false;
    bool bad() const { return voltage_bad || freq_bad || wave_bad; }
    bool operator==(const SourceBits&) const = default;
};

/// QAS.
struct Status {
    std::string bits;  ///< the 24 characters as they came
    std::array<SourceBits, 2> sources;
    bool on_source1 = false;
    bool on_source2 = false;
    bool source2_preferred = false;
    bool sync_bad = false;
    bool aux1_power_fail = false;
    bool aux2_power_fail = false;
    bool short_circuit = false;
    bool overload_fault = false;
    bool overload_alarm = false;
    bool fault_mode = false;

    /// 1 or 2; 0 where the output hangs on neither.
    int active_source() const { return on_source1 ? 1 : on_source2 ? 2 : 0; }
    int preferred_source() const { return source2_preferred ? 2 : 1; }
};

/// QRI.
struct Ratings {
    std::optional<Volts> output_voltage;
    std::optional<Amperes> output_current;
    std::optional<Volts> battery_voltage;
    std::optional<Hertz> output_frequency;
};

/// Each decoder takes a payload and accepts nothing but a whole answer to its own query; the error
/// is `garbled` and quotes what came.
Result<Measurements> decode_measurements(std::string_view payload);
Result<Status> decode_status(std::string_view payload);
Result<Ratings> decode_ratings(std::string_view payload);

/// The names of the 24 bits in wire order, as users of the Python library know them.
extern const std::array<std::string_view, 24> status_bit_names;
/// The shapes of the answers, shared with the simulator.
extern const std::array<NumberField, 8> measurement_fields;
extern const std::array<NumberField, 4> rating_fields;

}  // namespace pwlog::ats
