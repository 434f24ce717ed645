// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text_values.h"
#include "cli/command_line.h"
#include "cli/device_options.h"
#include "cli/outlet_list.h"
#include "control/device_access.h"
#include "control/device_replies.h"
#include "daemon/signals.h"
#include "terminal/confirm.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

using Action = SwitchOrder::Action;

struct ListOptions {
    DeviceChoice choice;
    bool json = false;
};

struct SwitchOptions {
    Action action = Action::off;
    DeviceChoice choice;
    std::string outlet;
    std::string delay;
    std::string restore_after;
    bool no_wait = false;
    bool dry_run = false;
    bool yes = false;
    bool json = false;
};

/// https://no-color.org: any value but an empty one.
bool wants_colour() {
    const char* refused = std::getenv("NO_COLOR");
    return output_is_terminal() && (refused == nullptr || *refused == '\0');
}

int run_list(const ListOptions& options) {
    const StopOnSignal stopper;
    const auto line = open_device(DeviceKind::pdu, options.choice, stopper.token());
    if (!line) {
        return fail_at_device(line.error());
    }
    const auto list = read_outlet_list(**line);
    if (!list) {
        return fail_at_device(list.error());
    }
    const auto& facts = (*line)->facts();
    const bool table = !options.json && output_is_terminal();
    const std::string text = table
                                 ? outlet_list_table(*list, facts, wants_colour(), output_columns())
                                 : outlet_list_json(*list, facts) + "\n";
    return status_of(print(text) ? ExitCode::ok : ExitCode::failure);
}

template <class Unit>
Result<std::optional<Unit>> whole_units(const std::string& option, const std::string& text) {
    if (text.empty()) {
        return std::optional<Unit>();
    }
    const auto duration = parse_duration(text);
    if (!duration || *duration % Unit(1) != std::chrono::milliseconds(0)) {
        return fail(ErrorKind::invalid,
                    fmt::format("{}: '{}' is not a duration in whole {}, such as 5min", option,
                                text, Unit::period::num == 1 ? "seconds" : "minutes"));
    }
    return std::optional<Unit>(std::chrono::duration_cast<Unit>(*duration));
}

Result<SwitchOrder> order_of(const SwitchOptions& options, const DeviceFacts& facts) {
    SwitchOrder order;
    order.action = options.action;
    order.wait = !options.no_wait;
    const auto outlet = find_outlet(facts, options.outlet);
    if (!outlet) {
        return pass_on(outlet);
    }
    order.outlet = *outlet;
    const auto delay = whole_units<std::chrono::seconds>("--delay", options.delay);
    if (!delay) {
        return pass_on(delay);
    }
    order.delay = *delay;
    const auto restore =
        whole_units<std::chrono::minutes>("--restore-after", options.restore_after);
    if (!restore) {
        return pass_on(restore);
    }
    order.restore_after = *restore;
    return order;
}

std::string digits_in_words(const std::string& digits, pdu::OutletChoice outlet) {
    if (outlet.is_all() || digits.size() < static_cast<std::size_t>(outlet.outlet())) {
        return digits;
    }
    const int digit = digits.at(static_cast<std::size_t>(outlet.outlet() - 1)) - '0';
    return std::string(pdu::to_words(static_cast<pdu::OutletState>(digit)));
}

/// One line on the terminal that is written anew; nothing where there is none.
Switcher::Watcher progress_on_terminal(pdu::OutletChoice outlet) {
    if (isatty(STDERR_FILENO) != 1) {
        return {};
    }
    return [outlet](const SwitchProgress& progress) {
        const std::string left =
            progress.left.count() > 0
                ? fmt::format(", {} s left", progress.left.count())
                : fmt::format(", waiting {} s at most", progress.patience.count());
        write_error(fmt::format("\r\033[K{}{}", digits_in_words(progress.digits, outlet), left));
        return true;
    };
}

void end_progress() {
    if (isatty(STDERR_FILENO) == 1) {
        write_error("\r\033[K");
    }
}

std::string report_text(const SwitchReport& report, const std::string& target, bool dry_run,
                        pdu::OutletChoice outlet) {
    const auto& request = report.request;
    if (report.sent.empty()) {
        const auto words = digits_in_words(request.digits_before, outlet);
        return fmt::format("{}: {}: nothing to send\n", target, words);
    }
    if (dry_run) {
        return fmt::format("{}: would send {}\n", target, fmt::join(report.sent, " "));
    }
    return fmt::format("{}: {} (was {}){}{}\n", target,
                       digits_in_words(request.digits_after, outlet),
                       digits_in_words(request.digits_before, outlet),
                       request.reason.empty() ? "" : "; ", request.reason);
}

int show_report(const SwitchOptions& options, const SwitchReport& report, const std::string& target,
                pdu::OutletChoice outlet) {
    const bool table = !options.json && output_is_terminal();
    if (!table && !print(encode_report(report, options.dry_run) + "\n")) {
        return status_of(ExitCode::failure);
    }
    if (report.error) {
        return fail_at_device(*report.error, switch_exit_code(report));
    }
    if (table && !print(report_text(report, target, options.dry_run, outlet))) {
        return status_of(ExitCode::failure);
    }
    return status_of(ExitCode::ok);
}

/// "Turn off outlet 8 (printer) of rack1-pdu in 5 min, and on again after 10 min?"
std::string question_about(const SwitchOrder& order, const std::string& target,
                           const std::string& device) {
    constexpr std::array<std::string_view, 4> verbs{"Turn on", "Turn off", "Turn off and on",
                                                    "Cancel the countdown of"};
    std::string question = fmt::format(
        "{} {} of {}", verbs.at(static_cast<std::size_t>(order.action)), target, device);
    if (order.delay) {
        question += " in " + rough_duration(*order.delay);
    }
    if (order.restore_after) {
        const bool at_once = order.restore_after->count() == 0;
        question += ", and on again after " +
                    (at_once ? std::string("1 s") : rough_duration(*order.restore_after));
    }
    return question + "?";
}

int run_switch(const SwitchOptions& options) {
    const StopOnSignal stopper;
    const auto line = open_device(DeviceKind::pdu, options.choice, stopper.token());
    if (!line) {
        return fail_at_device(line.error());
    }
    const auto& facts = (*line)->facts();
    const auto order = order_of(options, facts);
    if (!order) {
        return fail_at_device(order.error());
    }
    const std::string target = outlet_called(facts, order->outlet);
    if (options.dry_run) {
        const auto report = (*line)->rehearse(*order);
        return report ? show_report(options, *report, target, order->outlet)
                      : fail_at_device(report.error());
    }
    const auto question = question_about(*order, target, facts.name);
    const auto report = (*line)->carry_out(
        *order, [&] { return confirm(question, options.yes, stopper.token()); },
        progress_on_terminal(order->outlet));
    end_progress();
    return report ? show_report(options, *report, target, order->outlet)
                  : fail_at_device(report.error(), unbegun_exit_code(report.error()));
}

void add_switch(CommandLine& line, CLI::App& outlet, Action action, const std::string& what,
                const std::string& example) {
    const auto [command, options] =
        line.add_to(outlet, std::string(to_word(action)), what, example, run_switch);
    options.action = action;
    add_value(command, "outlet OUTLET", options.outlet, "Its number, its name, or all")->required();
    if (action != Action::cancel) {
        add_value(command, "--delay TIME", options.delay,
                  "Until it goes off: 0s, 6s to 54s in steps of 6s, or 1min to 99min");
        add_value(command, "--restore-after TIME", options.restore_after,
                  "From off to on: 0min (a second) to 9999min");
    }
    command.add_flag("--no-wait", options.no_wait, "Don't wait until the device shows it");
    command.add_flag("-n,--dry-run", options.dry_run, "Say what would be sent, and send nothing");
    command.add_flag("-y,--yes", options.yes, "Don't ask");
    add_json(command, options.json);
    add_device_options(command, options.choice);
}

}  // namespace

void setup_outlet(CommandLine& line) {
    CLI::App& outlet = *line.app.add_subcommand("outlet", "Show and switch the outlets of a PDU");
    outlet.require_subcommand(1);
    outlet.footer("Example:\n  pwlog outlet list");
    const auto [command, list] =
        line.add_to(outlet, "list", "List the outlets, their load, and which may be switched",
                    "pwlog outlet list --device rack1-pdu", run_list);
    add_json(command, list.json);
    add_device_options(command, list.choice);
    add_switch(line, outlet, Action::on, "Turn an outlet on", "pwlog outlet on printer");
    add_switch(line, outlet, Action::off, "Turn an outlet off, and optionally on again later",
               "pwlog outlet off 8 --delay 2min --restore-after 10min");
    add_switch(line, outlet, Action::cycle, "Turn an outlet off and on again",
               "pwlog outlet cycle router --yes");
    add_switch(line, outlet, Action::cancel, "Cancel an outlet's countdown",
               "pwlog outlet cancel 8");
}

}  // namespace pwlog
