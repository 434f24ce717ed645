// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "mqtt/discovery.h"

namespace pwlog {

/// What kind of number a sensor shows; each has its device class, unit and precision.
enum class Quality {
    power,
    apparent_power,
    current,
    voltage,
    frequency,
    energy,
    temperature,
    load,
    angle,
};

/// A number from `key` of the JSON on `topic`.
HomeEntity number_sensor(const std::string& id, const std::string& name, Quality quality,
                         const std::string& topic, const std::string& key);

/// On where `condition`, a template over value_json, is 1: something is wrong.
HomeEntity problem_sensor(const std::string& id, const std::string& name, const std::string& topic,
                          const std::string& condition);

}  // namespace pwlog
