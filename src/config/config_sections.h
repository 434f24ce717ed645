#pragma once

#include "config/config.h"
#include "config/config_reader.h"

namespace pwlog {

/// The values that [[pdu]] and [[ats]] take from the top of the file.
struct DeviceDefaults {
    milliseconds interval{10'000};
    SessionOptions session;
    std::uint32_t interval_line = 0;  // 0 = not in the file
};

/// One function per section; each finishes its table, so that unknown keys are found.
void read_elasticsearch(const toml::table& table, ElasticConfig& config, ConfigProblems& problems);
void read_spool(const toml::table& table, SpoolConfig& config, ConfigProblems& problems);
void read_mqtt(const toml::table& table, std::optional<MqttConfig>& mqtt, ConfigProblems& problems);
void read_labels(const toml::table& table, std::map<std::string, std::string>& labels,
                 ConfigProblems& problems);

/// Where a secret is: an absolute path, or the name of a systemd credential.
bool read_secret_name(TableReader& reader, std::string_view key, std::string& name);

/// ca_file, client_cert and client_key, the last two only together.
struct TlsFiles {
    std::filesystem::path& ca_file;
    std::filesystem::path& client_cert;
    std::filesystem::path& client_key;
};
void read_tls_files(TableReader& reader, const TlsFiles& files);

/// query_gap and timeout, at the top of the file and in each device's section.
void read_session(TableReader& reader, SessionOptions& session);

/// Reads [[pdu]] and [[ats]], and checks them against each other: ids and ports only once.
void read_devices(TableReader& top, const DeviceDefaults& defaults, Config& config,
                  ConfigProblems& problems);

/// Whether this can be a device.id, and what is said where it cannot.
bool is_device_id(std::string_view id);
std::string device_id_rule(const toml::node& node);

/// Reads [[ups]], after the devices. `interval`: of the file.
void read_ups(TableReader& top, milliseconds interval, Config& config, ConfigProblems& problems);

/// The end of every section: secrets are refused with the way to do it right, a key of another
/// section is told where it belongs, and every other unknown key gets the nearest known one.
void finish_section(TableReader& reader);

}  // namespace pwlog
