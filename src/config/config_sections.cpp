#include "config/config_sections.h"

#include <fmt/format.h>

namespace pwlog {

namespace {

using namespace std::chrono_literals;

void read_hosts(TableReader& reader, ElasticConfig& config) {
    std::vector<std::string> hosts;
    if (reader.find("hosts") == nullptr) {
        reader.problem("hosts", R"(is missing: hosts = ["https://localhost:9200"])");
        return;
    }
    if (!reader.read_texts("hosts", hosts)) {
        return;
    }
    if (hosts.empty()) {
        reader.problem("hosts", R"(is an empty list: hosts = ["https://localhost:9200"])");
    }
    for (const std::string& host : hosts) {
        auto checked = ServerUrl::parse(host, config.allow_plaintext);
        if (checked) {
            config.hosts.push_back(*std::move(checked));
        } else {
            reader.problem("hosts", checked.error().message);
        }
    }
}

void read_proxy(TableReader& reader, ElasticConfig& config) {
    std::string url;
    if (!reader.read("proxy", url)) {
        return;
    }
    const auto checked = ServerUrl::parse(url, true);
    if (checked) {
        config.proxy = checked->text();
    } else {
        reader.problem("proxy", checked.error().message);
    }
}

/// At most one way to say who we are.
void read_authentication(TableReader& reader, ElasticConfig& config) {
    struct Way {
        std::string_view key;
        AuthScheme scheme;
    };
    std::string_view first;
    for (const auto& [key, scheme] :
         {Way{"api_key_file", AuthScheme::api_key}, Way{"password_file", AuthScheme::basic},
          Way{"bearer_file", AuthScheme::bearer}}) {
        std::string file;
        if (!read_secret_name(reader, key, file)) {
            continue;
        }
        if (!first.empty()) {
            reader.problem(key, fmt::format("{} in line {} already says who we are; keep one of "
                                            "them",
                                            first, reader.line(first)));
            continue;
        }
        first = key;
        config.authentication = scheme;
        config.secret_file = file;
    }
    const bool named = reader.read("username", config.username);
    const bool basic = config.authentication == AuthScheme::basic;
    if (named && !basic && reader.find("password_file") == nullptr) {
        reader.problem("username", "needs password_file beside it, and no other kind of key");
    } else if (basic && reader.find("username") == nullptr) {
        reader.problem("password_file", "needs username beside it");
    }
}

/// Keys that people put into the wrong section: in TOML a line belongs to the last [section] above
/// it.
std::vector<std::pair<std::string_view, std::string_view>> homes_of_keys() {
    constexpr std::string_view top = "it belongs to the top of the file, above the first [section]";
    std::vector<std::pair<std::string_view, std::string_view>> keys;
    for (const std::string_view key : {"host_name", "log_level", "clock_wait", "logger_interval",
                                       "control_socket", "interval"}) {
        keys.emplace_back(key, top);
    }
    for (const std::string_view key :
         {"hosts", "api_key_file", "username", "password_file", "bearer_file", "ca_file",
          "client_cert", "client_key", "allow_plaintext", "index_mode", "batch_documents",
          "batch_bytes", "gzip", "proxy"}) {
        keys.emplace_back(key, "it belongs under [elasticsearch]");
    }
    for (const std::string_view key : {"path", "keep", "max_size", "flush_interval", "sync"}) {
        keys.emplace_back(key, "it belongs under [spool]");
    }
    for (const std::string_view key :
         {"host", "tls", "client_id", "presence_topic", "prefix", "qos", "retain", "oldest_topics",
          "commands", "discovery", "discovery_prefix"}) {
        keys.emplace_back(key, "it belongs under [mqtt]");
    }
    for (const std::string_view key : {"port", "port_kind", "fast_interval"}) {
        keys.emplace_back(key, "it belongs under a [[pdu]] or [[ats]]");
    }
    for (const std::string_view key :
         {"outlets", "switchable", "switch_limit", "tariff", "currency"}) {
        keys.emplace_back(key, "it belongs under a [[pdu]]");
    }
    return keys;
}

/// Label keys become field names: labels.site.
bool is_label_key(std::string_view key) {
    constexpr std::string_view allowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return !key.empty() && key.size() <= 64 &&
           key.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

bool read_secret_name(TableReader& reader, std::string_view key, std::string& name) {
    std::string text;
    if (!reader.read(key, text)) {
        return false;
    }
    if (text.front() != '/' && text.find('/') != std::string::npos) {
        reader.problem(key, fmt::format("expected an absolute path (starting with /), or the name "
                                        "of a systemd credential (without any /), got \"{}\"",
                                        text));
        return false;
    }
    name = std::move(text);
    return true;
}

void read_tls_files(TableReader& reader, const TlsFiles& files) {
    reader.read_path("ca_file", files.ca_file);
    const bool cert = reader.read_path("client_cert", files.client_cert);
    const bool key = reader.read_path("client_key", files.client_key);
    if (cert && reader.find("client_key") == nullptr) {
        reader.problem("client_cert", "needs client_key beside it");
    }
    if (key && reader.find("client_cert") == nullptr) {
        reader.problem("client_key", "needs client_cert beside it");
    }
}

void finish_section(TableReader& reader) {
    reader.refuse_secret("api_key", "api_key_file = \"/etc/pwlog/api_key\" names the file with it");
    reader.refuse_secret("password",
                         "password_file = \"/etc/pwlog/password\" names the file with it");
    for (const std::string_view key : {"bearer", "bearer_token", "token"}) {
        reader.refuse_secret(key, "bearer_file = \"/etc/pwlog/token\" names the file with it");
    }
    for (const std::string_view key : {"secret", "passwd", "pass", "passphrase", "apikey"}) {
        reader.refuse_secret(key, "api_key_file, password_file or bearer_file name files");
    }
    reader.finish(homes_of_keys());
}

void read_elasticsearch(const toml::table& table, ElasticConfig& config, ConfigProblems& problems) {
    TableReader reader(table, "elasticsearch", problems);
    reader.read("allow_plaintext", config.allow_plaintext);
    read_hosts(reader, config);
    read_authentication(reader, config);
    read_tls_files(reader, {config.ca_file, config.client_cert, config.client_key});
    read_proxy(reader, config);
    reader.read("gzip", config.gzip);
    reader.read<IndexMode>(
        "index_mode", config.index_mode,
        {{"time_series", IndexMode::time_series}, {"standard", IndexMode::standard}});
    if (std::int64_t count = 0; reader.read("batch_documents", count, {1, 10'000})) {
        config.batch_documents = static_cast<std::size_t>(count);
    }
    if (std::uint64_t bytes = 0;
        reader.read_size("batch_bytes", bytes, {16ULL << 10U, 15ULL << 20U})) {
        config.batch_bytes = bytes;
    }
    reader.read("timeout", config.timeout, {1s, 10min});
    finish_section(reader);
}

void read_spool(const toml::table& table, SpoolConfig& config, ConfigProblems& problems) {
    TableReader reader(table, "spool", problems);
    reader.read_path("path", config.path);
    reader.read("keep", config.keep, {0s, 24h * 3650});
    reader.read_size("max_size", config.max_size, {1ULL << 20U, 1ULL << 40U});
    reader.read("flush_interval", config.flush_interval, {100ms, 1h});
    reader.read<SpoolSync>("sync", config.sync,
                           {{"interval", SpoolSync::interval}, {"sample", SpoolSync::sample}});
    finish_section(reader);
}

void read_labels(const toml::table& table, std::map<std::string, std::string>& labels,
                 ConfigProblems& problems) {
    TableReader reader(table, "labels", problems);
    for (const auto& [key, value] : table) {
        if (!is_label_key(key.str())) {
            problems.add(key.source().begin.line,
                         fmt::format("labels: expected a name of letters, digits, _ and -, got "
                                     "\"{}\"",
                                     key.str()));
            reader.find(key.str());
            continue;
        }
        if (std::string text; reader.read(key.str(), text)) {
            labels.emplace(key.str(), std::move(text));
        }
    }
    reader.finish();
}

}  // namespace pwlog
