#include "cli/setup_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text_values.h"
#include "daemon/agent_options.h"
#include "daemon/discovery_removal.h"
#include "daemon/sender_options.h"
#include "document/document.h"
#include "elastic/server.h"
#include "setup/api_key.h"
#include "setup/kibana_setup.h"
#include "setup/setup.h"
#include "setup/setup_indices.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

struct SetupCommandOptions {
    const CommonOptions* common = nullptr;
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

ExitCode exit_code_for(const Error& error) {
    switch (error.kind) {
        case ErrorKind::invalid:
        case ErrorKind::not_found:
            return ExitCode::usage;
        default:
            return ExitCode::server;
    }
}

bool print_lines(const std::vector<SetupLine>& lines) {
    std::size_t widest = 0;
    for (const auto& line : lines) {
        widest = std::max(widest, line.object.size());
    }
    bool all_well = true;
    for (const auto& line : lines) {
        print(fmt::format("{:<{}}  {}{}{}\n", line.object, widest, to_text(line.outcome),
                          line.detail.empty() ? "" : ": ", line.detail));
        all_well = all_well && line.outcome != SetupOutcome::failed;
    }
    return all_well;
}

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

/// The first of the configured servers that answers as Elasticsearch or OpenSearch.
Result<ServerUrl> find_server(HttpClient& client, const std::vector<ServerUrl>& servers) {
    Result<ServerUrl> found =
        fail(ErrorKind::invalid, "no server is configured: [elasticsearch] hosts");
    for (const auto& server : servers) {
        auto info = identify_server(client, server);
        if (info) {
            print(fmt::format("{} at {}\n", info->name(), server.text()));
            return server;
        }
        found = pass_on(info);
    }
    return found;
}

/// Apart from Elasticsearch: either may be away when the other is there.
bool remove_from_broker(const SetupCommandOptions& options, const Config& config) {
    const auto line = remove_discovery(config, options.dry_run);
    return !line || print_lines({*line});
}

int change_server(const SetupCommandOptions& options, const Config& config,
                  const SetupChoice& choice) {
    auto http = http_options(config.elasticsearch);
    if (!http) {
        return fail_with(http.error(), ExitCode::usage);
    }
    auto client = HttpClient::open(*http);
    if (!client) {
        return fail_with(client.error(), ExitCode::usage);
    }
    auto server = find_server(*client, config.elasticsearch.hosts);
    if (!server) {
        return fail_with(server.error(), exit_code_for(server.error()));
    }
    auto lines = options.remove ? remove_setup(*client, *server, options.dry_run)
                                : run_setup(*client, *server, {choice, options.dry_run});
    if (!lines) {
        return fail_with(lines.error(), exit_code_for(lines.error()));
    }
    if (!options.api_key_file.empty() && !options.dry_run && !options.remove) {
        // The key may not read templates: by these indices `run` can tell that all is set up.
        const auto now = to_timestamp(SystemClock().wall_now());
        for (auto& line : create_indices(
                 *client, *server,
                 {index_name(Family::metrics, now), index_name(Family::events, now)}, {})) {
            lines->push_back(std::move(line));
        }
        lines->push_back(
            create_api_key(*client, *server, agent_host_name(config), options.api_key_file));
    }
    return status_of(print_lines(*lines) ? ExitCode::ok : ExitCode::incomplete);
}

int change_kibana(const SetupCommandOptions& options, const Config& config,
                  const KibanaChoice& choice) {
    const auto kibana = ServerUrl::parse(options.kibana, config.elasticsearch.allow_plaintext);
    if (!kibana) {
        return fail_with(kibana.error(), ExitCode::usage);
    }
    auto http = http_options(config.elasticsearch);
    if (!http) {
        return fail_with(http.error(), ExitCode::usage);
    }
    http->gzip = false;  // Kibana does not unpack what is sent to it
    auto client = HttpClient::open(*http);
    if (!client) {
        return fail_with(client.error(), ExitCode::usage);
    }
    const auto lines = run_kibana_setup(
        *client, *kibana, {.choice = choice, .alerts = options.alerts, .dry_run = options.dry_run});
    if (!lines) {
        return fail_with(lines.error(), exit_code_for(lines.error()));
    }
    return status_of(print_lines(*lines) ? ExitCode::ok : ExitCode::incomplete);
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

int run_setup_command(const SetupCommandOptions& options) {
    auto retention = parse_retention(options.retention);
    if (!retention) {
        return fail_with(retention.error(), ExitCode::usage);
    }
    const auto config = read_config(*options.common);
    if (!config) {
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
        command
            .add_option("--kibana", options.kibana,
                        "Install dashboards, data view and list of events in this Kibana instead, "
                        "with the credentials for Elasticsearch")
            ->type_name("URL");
    command.add_option("--space", options.space, "Kibana's space; without it the default one")
        ->type_name("NAME");
    command
        .add_flag("--alerts", options.alerts,
                  "Also create alerting rules in Kibana; those that exist are left as they are")
        ->needs(kibana);
    command
        .add_option("--dashboards", options.dashboards,
                    "Use these files instead of those in the program")
        ->type_name("DIR");
    for (const char* other : {"--remove", "--api-key", "--retention"}) {
        kibana->excludes(command.get_option(other));
    }
}

}  // namespace

void setup_setup(CommandLine& line) {
    auto options = std::make_shared<SetupCommandOptions>();
    options->common = &line.common;
    auto& command = line.add<SetupCommandOptions>(
        "setup",
        "Install index templates and lifecycle in Elasticsearch; a second run changes nothing",
        "pwlog setup --retention 2y", options, run_setup_command);
    command.add_flag("--dry-run", options->dry_run, "Say what would change, change nothing");
    command
        .add_option("--retention", options->retention, "How long documents stay, such as 90d or 2y")
        ->type_name("DURATION");
    command
        .add_option("--print", options->print_folder,
                    "Write what would be sent into files here instead")
        ->type_name("DIR");
    command
        .add_option("--mappings", options->mappings,
                    "Use these files instead of those in the program")
        ->type_name("DIR");
    command
        .add_option("--api-key", options->api_key_file,
                    "Also make a key that can do what `run` needs, and write it to this new file")
        ->type_name("FILE");
    command.add_flag("--remove", options->remove, "Take away what setup installed; documents stay");
    add_kibana_options(command, *options);
}

}  // namespace pwlog
