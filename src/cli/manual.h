// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace pwlog {

/// The man page, from the same commands, options and texts as --help: made when the program is
/// built
/// (`pwlog --print-manual`).
std::string manual_page(const CLI::App& app);

/// Completion of commands, options and files for bash, from the same (`pwlog --print-completion`).
std::string bash_completion(const CLI::App& app);

/// The subcommands and options that help shows, in order.
std::vector<const CLI::App*> shown_subcommands(const CLI::App& app);
std::vector<const CLI::Option*> shown_options(const CLI::App& app);

}  // namespace pwlog
