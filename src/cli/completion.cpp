// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "cli/device_methods.h"
#include "cli/manual.h"

namespace pwlog {

namespace {

constexpr std::string_view script_head = R"bash(# bash completion for pwlog; made with the program
_pwlog_ids() {
    local config=/etc/pwlog/pwlog.toml at
    for ((at = 1; at < COMP_CWORD; ++at)); do
        [[ ${COMP_WORDS[at]} == --config || ${COMP_WORDS[at]} == -c ]] || continue
        config=${COMP_WORDS[at + 1]}
        [[ $config == = ]] && config=${COMP_WORDS[at + 2]}
    done
    sed -nE 's/^[[:space:]]*id[[:space:]]*=[[:space:]]*"([^"]*)".*/\1/p' \
        "$config" "${config%/*}"/conf.d/*.toml 2>/dev/null
}
_pwlog_ports() {
    compgen -G '/dev/serial/by-id/*'
    compgen -G '/dev/ttyUSB*'
    compgen -G '/dev/hidraw*'
}
_pwlog() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=pwlog word words=
    if [[ $current == = ]]; then  # bash makes three words of --from=csv
        current=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
        case "$command $word" in
            @COMMANDS@) command+=" $word" ;;
        esac
    done
    COMPREPLY=()
    case "$command:$previous" in
        @FILE_OPTIONS@)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        *:--log-level)
            mapfile -t COMPREPLY < <(compgen -W "error warning info debug" -- "$current")
            return
            ;;
        *:--device | "pwlog backfill":--pdu | "pwlog backfill":--ats | "pwlog backfill":--ups)
            mapfile -t COMPREPLY < <(compgen -W "$(_pwlog_ids)" -- "$current")
            return
            ;;
        *:--port)
            mapfile -t COMPREPLY < <(compgen -W "$(_pwlog_ports)" -- "$current")
            return
            ;;
@CHOICES@
        @VALUE_OPTIONS@) return ;;
    esac
    case "$command" in
)bash";

constexpr std::string_view script_tail = R"(    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    if [[ ${#COMPREPLY[@]} -eq 0 && $current != -* ]]; then
        compopt -o default 2>/dev/null
    fi
}
complete -F _pwlog pwlog
)";

struct Words {
    std::set<std::string> commands;  // "pwlog spool info"
    // Patterns of "command:option", for options whose value is a path, or anything else.
    std::set<std::string> file_options;
    std::set<std::string> value_options;
    std::string choices;  // cases of options that take one word of several
    std::string cases;
};

std::set<std::string> names_of(const CLI::Option& option) {
    const auto names = CLI::detail::split(option.get_name(false, true), ',');
    return {names.begin(), names.end()};
}

bool takes_path(const CLI::Option& option) {
    constexpr std::array<std::string_view, 4> path_types{"FILE", "DIR", "LINK", "SOCKET"};
    return std::find(path_types.begin(), path_types.end(), option.get_type_name()) !=
           path_types.end();
}

/// The words that an option or argument takes, where it is one of several: "KIND:{pdu,ats}".
std::string choices_of(const CLI::App& app, const CLI::Option& option) {
    std::string type = option.get_type_name();
    if (type == "METHOD") {
        const auto kind =
            app.get_name() == to_keyword(DeviceKind::ats) ? DeviceKind::ats : DeviceKind::pdu;
        return fmt::format("{}", fmt::join(method_names(kind), " "));
    }
    if (type == "OUTLET") {
        return "1 2 3 4 5 6 7 8 all";
    }
    const auto begin = type.find(":{");
    const auto end = type.find('}');
    if (begin == std::string::npos || end == std::string::npos) {
        return {};
    }
    type = type.substr(begin + 2, end - begin - 2);
    std::replace(type.begin(), type.end(), ',', ' ');
    return type;
}

std::string case_of(const std::string& pattern, const std::string& choices) {
    return fmt::format(
        R"bash(        {})
            mapfile -t COMPREPLY < <(compgen -W "{}" -- "$current")
            return
            ;;
)bash",
        pattern, choices);
}

void collect(const CLI::App& app, const std::string& path, Words& words) {
    std::string here;
    for (const CLI::App* command : shown_subcommands(app)) {
        const std::string name = path + " " + command->get_name();
        words.commands.insert(fmt::format("\"{}\"", name));
        here += " " + command->get_name();
        collect(*command, name, words);
    }
    for (const CLI::Option* option : shown_options(app)) {
        const auto choices = choices_of(app, *option);
        if (!option->nonpositional()) {
            here += choices.empty() ? "" : " " + choices;
            continue;
        }
        const auto names = names_of(*option);
        here += fmt::format(" {}", fmt::join(names, " "));
        if (option->get_items_expected_max() == 0) {
            continue;  // a flag
        }
        for (const std::string& name : names) {
            // Those of the program itself may stand behind any command.
            const bool common = app.get_parent() == nullptr;
            const auto pattern = common ? "*:" + name : fmt::format("\"{}\":{}", path, name);
            words.choices += choices.empty() ? "" : case_of(pattern, choices);
            (takes_path(*option) ? words.file_options : words.value_options).insert(pattern);
        }
    }
    if (app.get_parent() == nullptr) {
        here += " help version";
    }
    words.cases += fmt::format("        \"{}\") words=\"{}\" ;;\n", path, here.substr(1));
}

std::string replaced(std::string text, std::string_view what, const std::set<std::string>& by) {
    const std::string joined = fmt::format("{}", fmt::join(by, " | "));
    return text.replace(text.find(what), what.size(), joined.empty() ? "''" : joined);
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
    Words words;
    collect(app, app.get_name(), words);
    words.value_options.erase("*:--log-level");
    std::string script = replaced(std::string(script_head), "@COMMANDS@", words.commands);
    script = replaced(std::move(script), "@FILE_OPTIONS@", words.file_options);
    script = replaced(std::move(script), "@CHOICES@", {words.choices});
    script = replaced(std::move(script), "@VALUE_OPTIONS@", words.value_options);
    return script + words.cases + std::string(script_tail);
}

}  // namespace pwlog
