// SPDX-License-Identifier: MIT
#pragma once

#include "config/config.h"
#include "config/config_reader.h"
#include "config/keys.h"

namespace pwlog {

/// One function per section; each finishes its table, so that unknown keys are found.
void read_elasticsearch(const toml::table& table, ElasticConfig& config, ConfigProblems& problems);
void read_spool(const toml::table& table, SpoolConfig& config, ConfigProblems& problems);
void read_mqtt(const toml::table& table, std::optional<MqttConfig>& mqtt, ConfigProblems& problems);
void read_labels(const toml::table& table, std::map<std::string, std::string>& labels,
                 ConfigProblems& problems);
/// What stands above the first section.
void read_logger(TableReader& top, Config& config);

/// Reads [[pdu]] and [[ats]], and checks them against each other: ids and ports only once.
void read_devices(TableReader& top, Config& config, ConfigProblems& problems);
/// Reads [[ups]], after the devices.
void read_ups(TableReader& top, Config& config, ConfigProblems& problems);

/// What they take.
SectionFacts logger_facts();
SectionFacts elasticsearch_facts();
SectionFacts labels_facts();
SectionFacts spool_facts();
SectionFacts mqtt_facts();
SectionFacts pdu_facts();
SectionFacts ats_facts();
SectionFacts ups_facts();

/// Where a secret is: an absolute path, or the name of a systemd credential.
bool read_secret_name(TableReader& reader, std::string_view key, std::string& name);
/// client_cert and client_key only together.
void check_client_certificate(TableReader& reader);
/// `id`, which each device needs and which becomes device.id, and `name`, which is the id where it
/// is left out. `example`: an id, for who gave none.
void read_id_and_name(TableReader& reader, std::string_view example, std::string& id,
                      std::string& name);
/// query_gap and timeout, at the top of the file and in each device's section.
inline auto session_keys() {
    using namespace std::chrono_literals;
    return std::tuple{
        Key{"query_gap", [](auto& section) -> milliseconds& { return section.session.query_gap; },
            Duration{{0ms, 10s}}, "pause between a reply and the next query"},
        Key{"timeout",
            [](auto& section) -> milliseconds& { return section.session.answer_timeout; },
            Duration{{10ms, 60s}}, "how long to wait for a reply"}};
}

/// The end of every section: secrets are refused with the way to do it right, a key of another
/// section is told where it belongs, and every other unknown key gets the nearest known one.
void finish_section(TableReader& reader);

}  // namespace pwlog
