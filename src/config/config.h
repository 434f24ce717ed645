// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_level.h"
#include "base/result.h"
#include "config/mqtt_config.h"
#include "config/ups_config.h"
#include "device/session.h"
#include "document/tariff.h"
#include "elastic/http.h"
#include "elastic/index_mode.h"
#include "elastic/server_url.h"
#include "link/link.h"

namespace pwlog {

using std::chrono::milliseconds;

inline constexpr milliseconds usual_interval{10'000};

/// What PDU and ATS have in common.
struct DeviceConfig {
    std::string id;                          ///< becomes device.id: unique, never to change
    std::string name;                        ///< for people; the id where none is given
    PortOptions port;                        ///< port, port_kind, report_number
    SessionOptions session;                  ///< query_gap, timeout
    milliseconds interval = usual_interval;  ///< between documents
    /// Between readings from which events are found; none = only once an interval, 0 = as fast as
    /// the line allows.
    std::optional<milliseconds> fast_interval;
};

struct PduConfig : DeviceConfig {
    std::array<std::string, 8> outlets;  ///< names; empty = unnamed
    std::vector<int> switchable;         ///< outlets 1..8 that may be switched, ascending
    int switch_limit = 10;               ///< switch requests within a minute
    std::optional<Tariff> tariff;
};

struct AtsConfig : DeviceConfig {
    AtsConfig() { fast_interval = milliseconds(1'000); }  // two queries take 0.36 s
    bool capsule = true;  ///< the fast readings around a transfer are kept
};

struct ElasticConfig {
    std::vector<ServerUrl> hosts;
    AuthScheme authentication = AuthScheme::none;
    std::string secret_file;  ///< of the API key, password or token: path or systemd credential
    std::string username;     ///< basic only
    std::filesystem::path ca_file;  ///< empty = the system's
    std::filesystem::path client_cert;
    std::filesystem::path client_key;
    std::string proxy;
    std::string proxy_username;
    std::string proxy_password_file;  ///< path or systemd credential
    std::string ca_fingerprint;       ///< SHA-256 of the authority, 64 hex digits; empty: none
    bool allow_plaintext = false;     ///< http to another machine than this one
    bool gzip = true;
    IndexMode index_mode = IndexMode::time_series;
    std::size_t batch_documents = 1'000;
    std::size_t batch_bytes = 900 * 1024;  ///< beyond 1 MiB proxies and curl get difficult
    milliseconds timeout = HttpOptions{}.total_timeout;
};

enum class SpoolSync {
    interval,  ///< flushed every flush_interval: power loss costs at most that much
    sample,    ///< flushed with each sample: wears a memory card
};

struct SpoolConfig {
    std::filesystem::path path = "/var/lib/pwlog";
    milliseconds keep{7 * 24 * 3'600'000LL};  ///< delivered samples stay this long as archive
    std::uint64_t max_size = 0;  ///< 0 = 256 MiB; delivered documents up to 5 % of the free space
    milliseconds flush_interval{60'000};
    SpoolSync sync = SpoolSync::interval;
};

/// The whole file, checked. Defaults are those of the file.
struct Config {
    std::filesystem::path file;                    ///< where it came from
    std::vector<std::filesystem::path> fragments;  ///< of conf.d beside it, in their order
    milliseconds interval = usual_interval;        ///< of devices that have none of their own
    SessionOptions session;                        ///< the same
    /// Of each section, and each key outside of one, a mark of what is in it: alike where nothing
    /// but remarks and order differ. `switchable` of all PDUs is one of its own.
    std::map<std::string, std::string> marks;
    /// The same of each device, by its id, but for its `switchable`; with what it takes from the
    /// top of the file.
    std::map<std::string, std::string> device_marks;
    std::vector<PduConfig> pdus;
    std::vector<AtsConfig> ats;
    std::vector<UpsConfig> ups;
    ElasticConfig elasticsearch;
    SpoolConfig spool;
    std::optional<MqttConfig> mqtt;
    std::map<std::string, std::string> labels;  ///< labels.* of every document
    std::string host_name;                      ///< host.name; empty = the machine's own
    LogLevel log_level = LogLevel::info;
    milliseconds clock_wait{30'000};       ///< at start, for a synchronised clock
    milliseconds logger_interval{60'000};  ///< between powerwalker.logger documents; 0 = none
    std::filesystem::path control_socket;  ///< empty = the default, see control_socket_path()
};

/// Reads and checks the file, and after it the fragments: files *.toml in the folder conf.d beside
/// it, in the order of their names. A fragment's keys go beside those of the same section, or take
/// their place; its [[pdu]], [[ats]] and [[ups]] come after those there are. The error (invalid,
/// not_found, denied, io) has one line for each problem found: file:line: what was wrong and what
/// is right. Nothing wrong is ever replaced by a default.
Result<Config> load_config(const std::filesystem::path& file);

/// The same for a text alone; `file` names it in messages.
Result<Config> parse_config(std::string_view text, const std::filesystem::path& file);

}  // namespace pwlog
