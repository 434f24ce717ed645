// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <vector>

#include "mqtt/discovery.h"
#include "mqtt/message.h"
#include "sampling/nut_answer.h"

namespace pwlog {

/// `ups/battery.charge`, `ups/ups.status` …: plain, as NUT has it, as the library's ups.py
/// publishes five of them. Empty for what it does not give, so that no old value stays.
std::vector<MqttMessage> ups_messages(const std::string& above, const UpsReading& reading);

/// The UPS for Home Assistant. `known`: the variables that it has given so far; others have no
/// entity.
HomeDevice home_device(const std::string& above, const DeviceTag& ups, const UpsReading& reading,
                       const std::set<std::string>& known);

}  // namespace pwlog
