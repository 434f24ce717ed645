#pragma once

#include <string>
#include <vector>

#include "mqtt/discovery.h"
#include "mqtt/message.h"
#include "ups/nut_answer.h"

namespace pwlog {

/// `ups/battery.charge`, `ups/battery.runtime`, `ups/battery.voltage`, `ups/ups.load` and
/// `ups/ups.status`: what the library's ups.py publishes, plain, as NUT has it.
std::vector<MqttMessage> ups_messages(const std::string& above, const UpsReading& reading);

/// The UPS for Home Assistant; what it does not say has no entity.
HomeDevice home_device(const std::string& above, const DeviceTag& ups, const UpsReading& reading);

}  // namespace pwlog
