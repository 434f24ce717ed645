// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace pwlog {

/// [mqtt]
struct MqttConfig {
    std::string host;
    std::uint16_t port = 0;  ///< 8883, or 1883 without tls
    bool tls = true;
    bool allow_plaintext = false;   ///< without tls to another machine than this one
    std::filesystem::path ca_file;  ///< empty = the system's
    std::filesystem::path client_cert;
    std::filesystem::path client_key;
    std::string username;
    std::string password_file;   ///< path or systemd credential
    std::string client_id;       ///< empty = `pwlog-` and host.name
    std::string presence_topic;  ///< empty = `$CONNECTED/` and the client id
    std::string prefix = "powerwalker";
    int qos = 0;
    bool retain = true;
    bool oldest_topics = false;
    bool commands = false;  ///< of outlets that are switchable
    enum class Discovery { off, device, entity };
    Discovery discovery = Discovery::device;  ///< for Home Assistant
    std::string discovery_prefix = "homeassistant";
};

}  // namespace pwlog
