// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "document/metric_documents.h"
#include "mqtt/message.h"

namespace pwlog {

/// One entity of Home Assistant: what kind, and its settings as its documentation names them.
struct HomeEntity {
    using Value = std::variant<std::string, int, std::vector<std::string>>;

    std::string platform;  ///< `sensor`, `binary_sensor`, `switch`, `button`
    std::string id;        ///< unique in its device, and never to change
    std::vector<std::pair<std::string_view, Value>> settings;  ///< none: the entity is to go
};

/// One device of Home Assistant.
struct HomeDevice {
    std::string id;  ///< device.id
    std::string name;
    std::string model;     ///< empty where it is not known yet
    std::string firmware;  ///< the same
    std::string availability_topic;
    std::vector<HomeEntity> entities;
    std::string manufacturer{};  ///< empty: PowerWalker
};

/// Where and how devices are announced.
struct HomeOptions {
    /// `device`: one message a device, understood since Home Assistant 2024.11; `entity`: one for
    /// each entity, as before.
    enum class Form { device, entity };
    Form form = Form::device;
    std::string prefix = "homeassistant";
    std::string presence_topic;  ///< `1` while we are there
    std::string version;         ///< ours
};

/// `above`: as in state_messages.h. `switchable`: the outlets that commands are taken for; these
/// have a switch and a button, and those of the others are taken away.
HomeDevice home_device(const std::string& above, const PduContext& pdu, const std::string& firmware,
                       const std::vector<int>& switchable);
HomeDevice home_device(const std::string& above, const AtsContext& ats,
                       const std::string& firmware);

/// `pwlog_` and device.id, as topics of Home Assistant have it.
std::string home_id(const std::string& device_id);

/// Where it is announced in one message; no device has this topic but this one.
std::string device_topic(const HomeOptions& options, const HomeDevice& device);

/// The messages, to be retained, by which Home Assistant learns of the device.
std::vector<MqttMessage> announcement(const HomeOptions& options, const HomeDevice& device);

/// Empty messages, to be retained, that take away what was announced of it, in either form.
std::vector<MqttMessage> withdrawal(const HomeOptions& options, const HomeDevice& device);

}  // namespace pwlog
