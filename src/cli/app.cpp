// SPDX-License-Identifier: MIT
#include "cli/app.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "cli/command_line.h"
#include "cli/manual.h"
#include "config/config_problems.h"
#include "config/described.h"
#include "terminal/logging.h"
#include "terminal/output.h"
#include "terminal/versions.h"

namespace pwlog {

// What adds each subcommand, in its own file: `setup_reload` in reload_command.cpp.
void setup_run(CommandLine& line);
void setup_once(CommandLine& line);
void setup_reload(CommandLine& line);
void setup_setup(CommandLine& line);
void setup_backfill(CommandLine& line);
void setup_device_methods(CommandLine& line);  ///< `pdu METHOD` and `ats METHOD`
void setup_outlet(CommandLine& line);
void setup_memory(CommandLine& line);
void setup_overviews(CommandLine& line);  ///< `info` and `power`
void setup_status(CommandLine& line);
void setup_watch(CommandLine& line);
void setup_spool(CommandLine& line);
void setup_discover(CommandLine& line);
void setup_doctor(CommandLine& line);
void setup_simulate(CommandLine& line);

namespace {

constexpr auto description =
    "Logs PowerWalker power gear, a PDU and an ATS on serial lines, to Elasticsearch.";

const std::map<std::string, LogLevel> log_levels{
    {"error", LogLevel::error},
    {"warning", LogLevel::warning},
    {"info", LogLevel::info},
    {"debug", LogLevel::debug},
};

/// CLI11's own check names the numbers of the enumerators too.
CLI::Validator one_of(const std::map<std::string, LogLevel>& levels) {
    return {[&levels](const std::string& level) {
                return levels.contains(level) ? std::string()
                                              : "expected error, warning, info or debug";
            },
            ""};
}

void set_up(CommandLine& line) {
    line.app.description(description);
    line.app.name("pwlog");
    line.app.set_version_flag("--version", version_text, "Versions of pwlog and its libraries");
    line.app.add_option("-c,--config", line.common.config_file, "Configuration file")
        ->type_name("FILE")
        ->capture_default_str();
    line.app
        .add_option_function<std::string>(
            "--log-level",
            [&line](const std::string& level) { line.common.log_level = log_levels.at(level); },
            "error, warning, info or debug; overrides the configuration")
        ->type_name("LEVEL")
        ->check(one_of(log_levels));
    line.app
        .add_option_function<std::string>(
            "--log-format",
            [](const std::string& format) {
                if (format == "json") {
                    log_as_json();
                }
            },
            "text, or json for log collectors: one object per line")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    line.app.fallthrough();
    line.app.footer("`pwlog COMMAND --help` shows a command's options and an example.\n\n" +
                    exit_code_help());
    setup_run(line);
    setup_once(line);
    setup_reload(line);
    setup_setup(line);
    setup_backfill(line);
    setup_device_methods(line);
    setup_outlet(line);
    setup_memory(line);
    setup_overviews(line);
    setup_status(line);
    setup_watch(line);
    setup_spool(line);
    setup_discover(line);
    setup_doctor(line);
    setup_simulate(line);
}

int usage_error(const CommandLine& line, std::string_view what) {
    print_problem(what);
    std::string command;
    for (const CLI::App* chosen : line.app.get_subcommands()) {
        command += " " + chosen->get_name();
    }
    print_problem(fmt::format("`pwlog{} --help` lists what there is", command));
    return status_of(ExitCode::usage);
}

/// For who typed an option or a command that is not known there.
std::string unknown_word(const CLI::App& app, const std::string& word) {
    const bool is_option = word.starts_with('-');
    std::vector<std::string> names;
    if (is_option) {
        for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
            for (const CLI::Option* option : shown_options(*at)) {
                for (const std::string& name : option->get_lnames()) {
                    names.push_back("--" + name);
                }
            }
        }
    } else {
        for (const CLI::App* known : shown_subcommands(app)) {
            names.push_back(known->get_name());
        }
    }
    if (!is_option && app.get_parent() != nullptr) {  // few, and "of" is as near to on as to off
        return fmt::format("there is no command \"{}\": {}", word, fmt::join(names, ", "));
    }
    const auto near = nearest_name(word, {names.begin(), names.end()});
    return fmt::format("there is no {} \"{}\"{}", is_option ? "option" : "command", word,
                       near.empty() ? "" : fmt::format(": did you mean \"{}\"?", near));
}

/// What the build asks for, not people; so help does not show it.
std::string made_for_the_build(const CommandLine& line, int argc, char** argv) {
    const std::string_view asked = argc == 2 ? argv[1] : "";
    if (asked == "--print-manual") {
        return manual_page(line.app);
    }
    if (asked == "--print-example") {
        return example_configuration();
    }
    return asked == "--print-completion" ? bash_completion(line.app) : std::string();
}

/// `pwlog help outlet off`, `pwlog version`: what people type before they know the options.
std::vector<char*> with_options(int argc, char** argv) {
    static std::array<char, 7> help{"--help"};
    static std::array<char, 10> version{"--version"};
    std::vector<char*> arguments(argv, argv + argc);
    const std::string_view first = argc > 1 ? argv[1] : "";
    if (first == "help") {
        arguments.erase(arguments.begin() + 1);
        arguments.push_back(help.data());
    } else if (first == "version") {
        arguments[1] = version.data();
    }
    return arguments;
}

/// For `pwlog outlet 4 off`, which has both words in the other order.
std::string swapped_words(const std::vector<char*>& arguments) {
    for (std::size_t i = 1; i + 2 < arguments.size(); ++i) {
        const std::string_view verb = arguments[i + 2];
        if (std::string_view(arguments[i]) == "outlet" &&
            (verb == "on" || verb == "off" || verb == "cycle" || verb == "cancel")) {
            return fmt::format("did you mean `pwlog outlet {} {}`?", verb, arguments[i + 1]);
        }
    }
    return {};
}

/// CLI11's sentence, where nothing better is known.
std::string usage_problem(const CLI::App& app, const std::vector<char*>& arguments,
                          const CLI::ParseError& error) {
    if (auto swapped = swapped_words(arguments); !swapped.empty()) {
        return swapped;
    }
    const CLI::App* chosen = &app;
    while (!chosen->get_subcommands().empty()) {
        chosen = chosen->get_subcommands().front();
    }
    const auto extras = app.remaining(true);
    const auto option = std::find_if(extras.begin(), extras.end(),
                                     [](const auto& word) { return word.starts_with('-'); });
    if (option != extras.end()) {
        return unknown_word(*chosen, *option);
    }
    const bool is_command = !extras.empty() && !shown_subcommands(*chosen).empty();
    return is_command ? unknown_word(*chosen, extras.front()) : error.what();
}

}  // namespace

int run_app(int argc, char** argv) {
    CommandLine line;
    set_up(line);
    if (const std::string page = made_for_the_build(line, argc, argv); !page.empty()) {
        return status_of(print(page) ? ExitCode::ok : ExitCode::failure);
    }
    const auto arguments = with_options(argc, argv);
    try {
        line.app.parse(static_cast<int>(arguments.size()), arguments.data());
    } catch (const CLI::Success& asked) {
        return line.app.exit(asked);  // --help, --version
    } catch (const CLI::ParseError& error) {
        // CLI11's own exit codes mean nothing to our callers.
        return usage_error(line, usage_problem(line.app, arguments, error));
    }
    try {
        return line.chosen ? line.chosen() : usage_error(line, "no command given");
    } catch (const std::exception& error) {  // errors are values here: the library has no memory
        print_problem(error.what());
        return status_of(ExitCode::failure);
    }
}

}  // namespace pwlog
