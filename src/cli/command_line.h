#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>

#include "config/config.h"
#include "terminal/exit_code.h"

namespace pwlog {

/// Options that every subcommand takes, before or behind its name.
struct CommonOptions {
    std::filesystem::path config_file = "/etc/pwlog/pwlog.toml";
    std::optional<LogLevel> log_level;  ///< none = what the configuration says
};

/// The command line while it is being set up. Each subcommand's file has an options struct, a
/// `setup_…(CommandLine&)` that adds its options, and a `run_…(options)` that does the work.
struct CommandLine {
    CLI::App app;
    CommonOptions common;
    /// What the chosen subcommand does; run after parsing, so that nothing of CLI11 is on the
    /// stack.
    std::function<int()> chosen;

    /// Adds a subcommand. Its options live as long as the command line: run gets them filled.
    /// `example` is shown under its help.
    template <class Options>
    CLI::App& add(const std::string& name, const std::string& what, const std::string& example,
                  const std::shared_ptr<Options>& options, int (*run)(const Options&)) {
        return add_to(app, name, what, example, options, run);
    }

    /// The same below another subcommand: `pwlog spool info`.
    template <class Options>
    CLI::App& add_to(CLI::App& parent, const std::string& name, const std::string& what,
                     const std::string& example, const std::shared_ptr<Options>& options,
                     int (*run)(const Options&)) {
        CLI::App* subcommand = parent.add_subcommand(name, what);
        subcommand->footer("Example:\n  " + example);
        subcommand->callback(
            [this, options, run] { chosen = [options, run] { return run(*options); }; });
        return *subcommand;
    }
};

/// Reads the file named on the command line, lets the flags win over it, and sets up logging as it
/// then says. Problems are printed, a line each; none then.
std::optional<Config> read_config(const CommonOptions& common);

/// Prints each line of `text` to standard error behind "pwlog: ".
void print_problem(std::string_view text);

/// Prints the problem; the exit status of `code`.
int fail_with(const Error& error, ExitCode code);

/// Whether a person reads standard output: tables then, JSON otherwise.
bool output_is_terminal();

/// How wide the terminal on standard output is; 80 where there is none or it does not say.
std::size_t output_columns();

/// Prints to standard output; false where nobody can read it (full disk, closed pipe).
bool print(std::string_view text);

constexpr int status_of(ExitCode code) { return static_cast<int>(code); }

}  // namespace pwlog
