// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "base/text_values.h"
#include "cli/command_line.h"
#include "cli/setup/setup_report.h"
#include "daemon/agent_options.h"
#include "daemon/discovery_removal.h"
#include "document/document.h"
#include "elastic/server.h"
#include "elastic/server_check.h"
#include "setup/api_key.h"
#include "setup/kibana_setup.h"
#include "setup/setup.h"
#include "setup/setup_indices.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

struct SetupCommandOptions {
    const CommonOptions* common = nullptr;
    SetupLogin login;
    bool dry_run = false;
    bool remove = false;
    std::string retention;
    std::filesystem::path print_folder;
    std::filesystem::path mappings;
    std::filesystem::path api_key_file;
    std::string kibana;
    std::string space;
    bool alerts = false;
    std::filesystem::path dashboards;
};

/// Retention in whole days; a message where it is none.
Result<std::optional<std::chrono::days>> parse_retention(const std::string& text) {
    if (text.empty()) {
        return std::optional<std::chrono::days>{};
    }
    const auto duration = parse_duration(text);
    if (!duration || *duration < std::chrono::days(1)) {
        return fail(
            ErrorKind::invalid,
            fmt::format(R"(--retention {}: expected at least a day, such as "90d" or "2y")", text));
    }
    return std::optional(std::chrono::floor<std::chrono::days>(*duration));
}

struct FoundServer {
    ServerUrl url;
    ServerInfo info;
};

/// The first of the configured servers that answers as Elasticsearch or OpenSearch.
Result<FoundServer> find_server(HttpClient& client, const ElasticConfig& config) {
    Result<FoundServer> found =
        fail(ErrorKind::invalid, "no server is configured: [elasticsearch] hosts");
    for (const auto& server : config.hosts) {
        auto info = identify_server(client, server);
        if (info) {
            print(fmt::format("{} at {}\n", info->name(), server.text()));
            const auto fit = check_server(*info, config.index_mode);
            if (fit.state == ServerCheck::State::old) {
                print_problem(fit.text());
            }
            return FoundServer{server, std::move(*info)};
        }
        found = pass_on(info);
    }
    return found;
}

/// Apart from Elasticsearch: either may be away when the other is there.
bool remove_from_broker(const SetupCommandOptions& options, const Config& config) {
    const auto line = remove_discovery(config, options.dry_run);
    return !line || print_setup_lines({*line}, options.dry_run, options.login);
}

bool is_complete(const std::vector<SetupLine>& lines) {
    return std::none_of(lines.begin(), lines.end(),
                        [](const SetupLine& line) { return line.outcome == SetupOutcome::failed; });
}

/// This month's indices, as the templates now make them. Kibana knows a field by an index that has
/// it, and a key that may not read templates tells by them that all is set up.
void add_indices(HttpClient& client, const ServerUrl& server, bool dry_run,
                 std::vector<SetupLine>& lines) {
    const auto now = to_timestamp(SystemClock().wall_now());
    for (auto& line : create_indices(
             client, server, {index_name(Family::metrics, now), index_name(Family::events, now)},
             dry_run)) {
        lines.push_back(std::move(line));
    }
}

void add_api_key(HttpClient& client, const FoundServer& server, const SetupCommandOptions& options,
                 const Config& config, std::vector<SetupLine>& lines) {
    const std::string host = agent_host_name(config);
    if (options.dry_run) {
        lines.push_back({"api_key/pwlog-" + host, SetupOutcome::created,
                         "in " + options.api_key_file.string()});
        return;
    }
    lines.push_back(
        create_api_key(client, server.url, server.info, host, options.api_key_file, key_owner()));
}

int change_server(const SetupCommandOptions& options, const Config& config,
                  const SetupChoice& choice) {
    auto http = setup_http(options.login, config.elasticsearch);
    if (!http) {
        return fail_with(http.error(), ExitCode::usage);
    }
    auto client = HttpClient::open(*http);
    if (!client) {
        return fail_with(client.error(), ExitCode::usage);
    }
    auto server = find_server(*client, config.elasticsearch);
    if (!server) {
        return setup_refused(server.error(), options.login);
    }
    auto lines = options.remove ? remove_setup(*client, server->url, options.dry_run)
                                : run_setup(*client, server->url, {choice, options.dry_run});
    if (!lines) {
        return setup_refused(lines.error(), options.login);
    }
    if (!options.remove && is_complete(*lines)) {
        add_indices(*client, server->url, options.dry_run, *lines);
    }
    if (!options.api_key_file.empty()) {
        add_api_key(*client, *server, options, config, *lines);
    }
    return status_of(print_setup_lines(*lines, options.dry_run, options.login)
                         ? ExitCode::ok
                         : ExitCode::incomplete);
}

int change_kibana(const SetupCommandOptions& options, const Config& config,
                  const KibanaChoice& choice) {
    const auto kibana = ServerUrl::parse(options.kibana, config.elasticsearch.allow_plaintext);
    if (!kibana) {
        return fail_with(kibana.error(), ExitCode::usage);
    }
    auto http = setup_http(options.login, config.elasticsearch);
    if (!http) {
        return fail_with(http.error(), ExitCode::usage);
    }
    http->named_in = "--kibana";
    http->gzip = false;  // Kibana does not unpack what is sent to it
    auto client = HttpClient::open(*http);
    if (!client) {
        return fail_with(client.error(), ExitCode::usage);
    }
    const auto lines = run_kibana_setup(
        *client, *kibana, {.choice = choice, .alerts = options.alerts, .dry_run = options.dry_run});
    if (!lines) {
        return setup_refused(lines.error(), options.login);
    }
    return status_of(print_setup_lines(*lines, options.dry_run, options.login)
                         ? ExitCode::ok
                         : ExitCode::incomplete);
}

/// Everything that can be put by hand, Kibana's objects too.
int print_objects(const SetupCommandOptions& options, const SetupChoice& choice,
                  const KibanaChoice& kibana) {
    auto files = print_setup(choice, options.print_folder);
    if (!files) {
        return fail_with(files.error(), ExitCode::failure);
    }
    const auto more = print_kibana_objects(kibana, options.print_folder);
    if (!more) {
        return fail_with(more.error(), ExitCode::failure);
    }
    files->insert(files->end(), more->begin(), more->end());
    for (const auto& file : *files) {
        print(file + "\n");
    }
    return status_of(ExitCode::ok);
}

/// What could only be ignored, or would be known too late: a sentence, or empty.
std::string useless_option(const SetupCommandOptions& options) {
    if (options.kibana.empty() && options.print_folder.empty()) {
        if (!options.space.empty() || !options.dashboards.empty()) {
            return fmt::format("{} is for Kibana: add --kibana URL",
                               options.space.empty() ? "--dashboards" : "--space");
        }
    }
    std::error_code error;
    if (!options.api_key_file.empty() && std::filesystem::exists(options.api_key_file, error)) {
        return fmt::format(
            "{} exists: remove it first if a new key should replace the one in it, "
            "or leave --api-key out",
            options.api_key_file.string());
    }
    return {};
}

int run_setup_command(const SetupCommandOptions& options) {
    auto retention = parse_retention(options.retention);
    if (!retention) {
        return fail_with(retention.error(), ExitCode::usage);
    }
    const auto config = read_config(*options.common);
    if (!config) {
        return status_of(ExitCode::usage);
    }
    if (const auto useless = useless_option(options); !useless.empty()) {
        print_problem(useless);
        return status_of(ExitCode::usage);
    }
    SetupChoice choice;
    choice.index_mode = config->elasticsearch.index_mode;
    choice.retention = *retention;
    choice.mappings = options.mappings;
    const auto kibana = choose_kibana_objects(options.space, options.dashboards);
    if (!kibana) {
        return fail_with(kibana.error(), ExitCode::usage);
    }
    if (!options.print_folder.empty()) {
        return print_objects(options, choice, *kibana);
    }
    if (options.remove && !remove_from_broker(options, *config)) {
        const int server = change_server(options, *config, choice);
        return server == status_of(ExitCode::ok) ? status_of(ExitCode::incomplete) : server;
    }
    return options.kibana.empty() ? change_server(options, *config, choice)
                                  : change_kibana(options, *config, *kibana);
}

/// Dashboards, apart from the rest: another server, often other rights.
void add_kibana_options(CLI::App& command, SetupCommandOptions& options) {
    auto* const kibana =
        add_value(command, "--kibana URL", options.kibana,
                  "Install dashboards, data view and list of events in this Kibana instead, "
                  "with the same credentials");
    add_value(command, "--space NAME", options.space,
              "Kibana space (the default one if not given)");
    command
        .add_flag("--alerts", options.alerts,
                  "Also create alerting rules in Kibana; existing ones are left as they are")
        ->needs(kibana);
    add_value(command, "--dashboards DIR", options.dashboards,
              "Use these files instead of those in the program");
    kibana->excludes("--remove")->excludes("--api-key")->excludes("--retention");
}

}  // namespace

void setup_setup(CommandLine& line) {
    const auto [command, options] = line.add(
        "setup", "Install index templates and a lifecycle policy in Elasticsearch; safe to repeat",
        "pwlog setup --retention 2y", run_setup_command);
    command.add_flag("--dry-run", options.dry_run, "Print what would change, and change nothing");
    add_value(command, "--retention DURATION", options.retention,
              "How long documents are kept, such as 90d or 2y");
    add_value(command, "--print DIR", options.print_folder,
              "Write to files in this folder what would be sent");
    add_value(command, "--mappings DIR", options.mappings,
              "Use these files instead of those in the program");
    add_value(
        command, "--api-key FILE", options.api_key_file,
        "Also make a key with the privileges that `run` needs, and write it to this new file");
    add_value(command, "--user NAME", options.login.user,
              "Log in to Elasticsearch or Kibana as this administrator, for this run only; "
              "default: the configured credentials");
    add_value(command, "--password-file FILE", options.login.password_file,
              "The password of --user; if not given you are asked for it")
        ->needs("--user");
    command.add_flag("--remove", options.remove, "Remove what setup installed; documents stay")
        ->excludes("--api-key")
        ->excludes("--retention");
    add_kibana_options(command, options);
}

}  // namespace pwlog
