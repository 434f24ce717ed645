// SPDX-License-Identifier: MIT
#include "cli/manual.h"

#include <fmt/format.h>

#include "base/version.h"
#include "config/described.h"
#include "terminal/exit_code.h"

namespace pwlog {

namespace {

constexpr std::string_view page_head = R"(.TH PWLOG 1 "" "pwlog {}" "User Commands"
.SH NAME
pwlog \- logs PowerWalker power gear to Elasticsearch
.SH SYNOPSIS
.B pwlog
[OPTIONS] COMMAND [COMMAND'S OPTIONS]
.SH DESCRIPTION
{}
.P
The keys of the configuration are listed below; a file with all of them,
.IR pwlog.example.toml ,
is installed with the program's documentation.
)";

constexpr std::string_view page_tail = R"(.SH SIGNALS
To
.BR "pwlog run" :
.TP
.B SIGTERM, SIGINT
Stop: the last documents are written, and shipped if that takes no more than a second.
.TP
.B SIGHUP
Read the configuration again, as
.B pwlog reload
does; what only a restart can change is named in the log.
.TP
.B SIGUSR1
Read every device now, besides the regular interval.
.SH FILES
.TP
.I /etc/pwlog/pwlog.toml
The configuration. Secrets are in files of their own.
.TP
.I /var/lib/pwlog
The spool: what is waiting for Elasticsearch, and the archive of what was delivered.
.TP
.I /run/pwlog/pwlog.sock
The daemon's socket for commands, open to root, its own user and its group.
.SH ENVIRONMENT
.TP
.B CREDENTIALS_DIRECTORY
The folder of secrets that the configuration names without a slash; set by systemd.
.TP
.B RUNTIME_DIRECTORY
The folder of the control socket if the configuration names none; set by systemd.
.TP
.B NO_COLOR
If set, nothing on a terminal has colours.
.SH SEE ALSO
.BR journalctl (1),
.BR systemctl (1)
)";

/// A text as roff: nothing in it is a request or an escape, and "-" stays one that can be copied.
std::string roff(std::string_view shown) {
    const auto text =
        CLI::detail::find_and_replace(std::string(shown), "…", "...");  // not in ASCII
    std::string escaped;
    bool line_starts = true;
    for (const char c : text) {
        if (line_starts && (c == '.' || c == '\'')) {
            escaped += "\\&";
        }
        if (c == '\\') {
            escaped += "\\e";
        } else if (c == '-') {
            escaped += "\\-";
        } else {
            escaped += c;
        }
        line_starts = c == '\n';
    }
    return escaped;
}

/// Within the quotes of a macro's argument.
std::string in_argument(std::string_view text) {
    return CLI::detail::find_and_replace(std::string(text), "\"", "\"\"");
}

std::string option_head(const CLI::Option& option) {
    std::string head_line =
        option.nonpositional() ? option.get_name(false, true) : option.get_name(true);
    for (std::size_t comma = head_line.find(','); comma != std::string::npos;
         comma = head_line.find(',', comma + 2)) {
        head_line.insert(comma + 1, 1, ' ');
    }
    const std::string type = option.get_type_name();
    if (option.get_items_expected_max() > 0 && option.nonpositional() && !type.empty()) {
        head_line += " " + type;
    }
    return head_line;
}

std::string options_part(const CLI::App& app) {
    std::string part;
    for (const CLI::Option* option : shown_options(app)) {
        if (option == app.get_help_ptr() && app.get_parent() != nullptr) {
            continue;  // once is enough
        }
        const std::string usual = option->get_default_str();
        part += fmt::format(".TP\n.B {}\n{}{}\n", roff(option_head(*option)),
                            roff(option->get_description()),
                            usual.empty() ? "" : roff(fmt::format(" ({})", usual)));
    }
    return part;
}

/// The lines of an example, which --help shows two columns in.
std::string without_indent(const std::string& text) {
    return CLI::detail::find_and_replace(CLI::detail::trim_copy(text), "\n  ", "\n");
}

/// A subcommand with its options and its example, then those below it.
std::string command_part(const CLI::App& app, const std::string& path) {
    const std::string name = path + " " + app.get_name();
    std::string part =
        fmt::format(".SS {}\n{}\n{}", roff(name), roff(app.get_description()), options_part(app));
    if (const std::string footer = app.get_footer(); footer.starts_with("Example:\n")) {
        part += fmt::format(".P\nExample:\n.P\n.RS 4\n.nf\n{}\n.fi\n.RE\n",
                            roff(without_indent(footer.substr(footer.find('\n') + 1))));
    }
    for (const CLI::App* below : shown_subcommands(app)) {
        part += command_part(*below, name);
    }
    return part;
}

std::string exit_status_part() {
    std::string part = ".SH EXIT STATUS\n";
    for (const ExitCodeText& line : exit_code_texts) {
        part += fmt::format(".TP\n.B {}\n{}\n", line.status, roff(line.meaning));
    }
    return part;
}

std::string configuration_part() {
    std::string part =
        ".SH CONFIGURATION\nTOML. Optional keys are shown with their default, or with an "
        "example.\n";
    for (const SectionFacts& section : described_sections()) {
        part += fmt::format(".SS {}\n",
                            section.name.empty() ? "The top of the file" : section.heading());
        if (!section.meaning.empty()) {
            part += fmt::format("{}\n", roff(section.meaning));
        }
        for (const KeyFacts& key : section.keys) {
            part += fmt::format(".TP\n.BR \"{}\" \" = {}\"\n{}\n", roff(key.name),
                                roff(in_argument(key.value)), roff(key.meaning));
        }
    }
    return part;
}

}  // namespace

std::vector<const CLI::App*> shown_subcommands(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* command) { return !command->get_group().empty(); });
}

std::vector<const CLI::Option*> shown_options(const CLI::App& app) {
    return app.get_options([](const CLI::Option* option) { return !option->get_group().empty(); });
}

std::string manual_page(const CLI::App& app) {
    std::string page = fmt::format(fmt::runtime(page_head), version, roff(app.get_description()));
    page += ".SH OPTIONS\nThese may be given before or after the command.\n" + options_part(app);
    page += ".SH COMMANDS\n";
    for (const CLI::App* command : shown_subcommands(app)) {
        page += command_part(*command, app.get_name());
    }
    page += configuration_part();
    page += exit_status_part();
    page += page_tail;
    return page;
}

}  // namespace pwlog
