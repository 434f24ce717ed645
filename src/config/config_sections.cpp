// SPDX-License-Identifier: MIT
#include "config/config_sections.h"

#include <fmt/format.h>

#include "config/described.h"
#include "elastic/trusted_authority.h"

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

void read_proxy_login(TableReader& reader, ElasticConfig& config) {
    const bool named = reader.read("proxy_username", config.proxy_username);
    const bool has_password =
        read_secret_name(reader, "proxy_password_file", config.proxy_password_file);
    if (named && !has_password && reader.find("proxy_password_file") == nullptr) {
        reader.problem("proxy_username", "needs proxy_password_file beside it");
    } else if (has_password && reader.find("proxy_username") == nullptr) {
        reader.problem("proxy_password_file", "needs proxy_username beside it");
    } else if (named && reader.find("proxy") == nullptr) {
        reader.problem("proxy_username", "needs proxy beside it");
    }
}

void read_fingerprint(TableReader& reader, ElasticConfig& config) {
    std::string text;
    if (!reader.read("ca_fingerprint", text)) {
        return;
    }
    config.ca_fingerprint = normal_fingerprint(text);
    if (config.ca_fingerprint.empty()) {
        reader.problem("ca_fingerprint",
                       fmt::format("expected the SHA-256 of the authority's certificate, 64 hex "
                                   "digits as Elasticsearch prints it at its first start, got "
                                   "\"{}\"",
                                   text));
    } else if (reader.find("ca_file") != nullptr) {
        reader.problem("ca_fingerprint", "and ca_file both say whom to trust; keep one of them");
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
            reader.problem(
                key,
                fmt::format("{} in {} already gives the credentials; keep one of them", first,
                            reader.problems().line_text(reader.place(first), reader.place(key))));
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

const auto& elasticsearch_keys() {
    using S = ElasticConfig;
    static const std::tuple keys{
        SpecialKey<S>{"hosts", &read_hosts, R"(["https://localhost:9200"])", "tried in turn",
                      Stand::needed},
        SpecialKey<S>{"api_key_file", &read_authentication, R"("/etc/pwlog/api_key")",
                      "made by `pwlog setup --api-key`", Stand::needed},
        SpecialKey<S>{"username", nullptr, R"("pwlog")",
                      "instead of api_key_file, with password_file", Stand::instead},
        SpecialKey<S>{"password_file", nullptr, R"("/etc/pwlog/password")", "beside username",
                      Stand::instead},
        SpecialKey<S>{"bearer_file", nullptr, R"("/etc/pwlog/token")", "instead of api_key_file",
                      Stand::instead},
        Key{"ca_file", &S::ca_file, Path{}, "PEM; the system's authorities if left out",
            R"("/etc/pwlog/ca.pem")"},
        SpecialKey<S>{"ca_fingerprint", &read_fingerprint,
                      R"("35bc45b9e398a19a0d53a754779ff8451cce0f00093bed161e96e1be7e424e41")",
                      "instead of ca_file; printed at the server's first start", Stand::instead},
        Key{"client_cert", &S::client_cert, Path{}, "with client_key",
            R"("/etc/pwlog/client.pem")"},
        Key{"client_key", &S::client_key, Path{}, "with client_cert", R"("/etc/pwlog/client.key")"},
        SpecialKey<S>{"proxy", &read_proxy, R"("http://proxy.example:3128")", "none if left out"},
        SpecialKey<S>{"proxy_username", &read_proxy_login, R"("pwlog")",
                      "with proxy_password_file"},
        SpecialKey<S>{"proxy_password_file", nullptr, R"("/etc/pwlog/proxy_password")",
                      "beside proxy_username"},
        Key{"allow_plaintext", &S::allow_plaintext, Flag{},
            "http:// to another machine than this one"},
        Key{"gzip", &S::gzip, Flag{}, "requests are compressed"},
        Key{"index_mode", &S::index_mode,
            Word<IndexMode>{
                {{"time_series", IndexMode::time_series}, {"standard", IndexMode::standard}}},
            R"("standard" for OpenSearch, or Elasticsearch before 8.7)"},
        Key{"batch_documents", &S::batch_documents, Whole{{1, 10'000}}, "at most, in one request"},
        Key{"batch_bytes", &S::batch_bytes, Size{{16ULL << 10U, 15ULL << 20U}},
            "at most, in one request"},
        Key{"timeout", &S::timeout, Duration{{1s, 10min}}, "of a request"}};
    return keys;
}

const auto& spool_keys() {
    using S = SpoolConfig;
    static const std::tuple keys{
        Key{"path", &S::path, Path{}, "the folder", {}, Stand::needed},
        Key{"keep",
            &S::keep,
            Duration{{0s, 24h * 3650}},
            "how long delivered samples are kept as a local archive",
            {},
            Stand::needed},
        Key{"max_size", &S::max_size, Size{{1ULL << 20U, 1ULL << 40U}},
            "delivered documents take 5 % of the free space at most", R"("256MiB")"},
        Key{"flush_interval", &S::flush_interval, Duration{{100ms, 1h}},
            "the most that a power cut may cost"},
        Key{"sync", &S::sync,
            Word<SpoolSync>{{{"interval", SpoolSync::interval}, {"sample", SpoolSync::sample}}},
            R"("sample": flush with each sample)"}};
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

void check_client_certificate(TableReader& reader) {
    const bool has_cert = reader.find("client_cert") != nullptr;
    const bool has_key = reader.find("client_key") != nullptr;
    if (has_cert && !has_key) {
        reader.problem("client_cert", "needs client_key beside it");
    } else if (has_key && !has_cert) {
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
    reader.finish(&home_of_key);
}

void read_elasticsearch(const toml::table& table, ElasticConfig& config, ConfigProblems& problems) {
    TableReader reader(table, "elasticsearch", problems);
    read_keys(reader, config, elasticsearch_keys());
    check_client_certificate(reader);
    finish_section(reader);
}

SectionFacts elasticsearch_facts() {
    return {
        "elasticsearch", false, true,
        "Credentials: an API key, a user or a bearer token, one of the three; none for a cluster\n"
        "without security. Secrets are in files that only root and pwlog can read; a name\n"
        "without any / is a systemd credential (LoadCredential= in the unit).",
        facts_of(ElasticConfig{}, elasticsearch_keys())};
}

void read_spool(const toml::table& table, SpoolConfig& config, ConfigProblems& problems) {
    TableReader reader(table, "spool", problems);
    read_keys(reader, config, spool_keys());
    finish_section(reader);
}

SectionFacts spool_facts() {
    return {"spool", false, true, "documents on their way, and the archive",
            facts_of(SpoolConfig{}, spool_keys())};
}

void read_labels(const toml::table& table, std::map<std::string, std::string>& labels,
                 ConfigProblems& problems) {
    TableReader reader(table, "labels", problems);
    for (const auto& [key, value] : table) {
        if (!is_label_key(key.str())) {
            problems.add(place_of(key.source()),
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

SectionFacts labels_facts() {
    return {"labels",
            false,
            true,
            "labels.* of every document",
            {{"site", toml_text("home"), "any names", Stand::needed}}};
}

}  // namespace pwlog
