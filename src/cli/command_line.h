// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>

#include "config/common_options.h"
#include "config/config.h"

namespace pwlog {

/// A subcommand while it is being set up, and the options that it fills in.
template <class Options>
struct Subcommand {
    CLI::App& app;
    Options& options;
};

/// The command line while it is being set up. Each subcommand's file has an options struct, a
/// `setup_…(CommandLine&)` that adds its options and stands in the list of app.cpp, and a
/// `run_…(options)` that does the work.
struct CommandLine {
    CLI::App app;
    CommonOptions common;
    /// What the chosen subcommand does; run after parsing, so that nothing of CLI11 is on the
    /// stack.
    std::function<int()> chosen;

    /// Adds a subcommand. Its options live as long as the command line: run gets them filled.
    /// `example` is shown under its help.
    template <class Options>
    Subcommand<Options> add(const std::string& name, const std::string& what,
                            const std::string& example, int (*run)(const Options&)) {
        return add_to(app, name, what, example, run);
    }

    /// The same below another subcommand: `pwlog spool info`.
    template <class Options>
    Subcommand<Options> add_to(CLI::App& parent, const std::string& name, const std::string& what,
                               const std::string& example, int (*run)(const Options&)) {
        const auto options = std::make_shared<Options>();
        if constexpr (requires { options->common; }) {
            options->common = &common;
        } else if constexpr (requires { options->choice.common; }) {
            options->choice.common = &common;
        }
        CLI::App* subcommand = parent.add_subcommand(name, what);
        subcommand->footer("Example:\n  " + example);
        subcommand->callback(
            [this, options, run] { chosen = [options, run] { return run(*options); }; });
        return {*subcommand, *options};
    }
};

/// An option with a value. `spec` has its name and what help calls the value: "--since TIME".
template <class Value>
CLI::Option* add_value(CLI::App& command, const std::string& spec, Value& value,
                       const std::string& what) {
    const auto blank = spec.find(' ');
    return command.add_option(spec.substr(0, blank), value, what)
        ->type_name(spec.substr(blank + 1));
}

/// Of the commands that print a table on a terminal.
inline void add_json(CLI::App& command, bool& json) {
    command.add_flag("--json", json, "Print JSON even on a terminal");
}

/// Reads the file named on the command line, lets the flags win over it, and sets up logging as it
/// then says. Problems are printed, a line each; none then.
std::optional<Config> read_config(const CommonOptions& common);

/// `pwlog status --devices`: the status of all configured devices, as they say it now.
int show_device_status(const CommonOptions& common, bool json);

}  // namespace pwlog
