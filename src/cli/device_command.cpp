// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/device_methods.h"
#include "cli/device_options.h"
#include "daemon/signals.h"
#include "terminal/confirm.h"
#include "terminal/output.h"
#include "terminal/terminal_text.h"

namespace pwlog {
namespace {

struct MethodOptions {
    DeviceKind kind = DeviceKind::pdu;
    DeviceChoice choice;
    std::string method;
    std::vector<std::string> arguments;
    bool json = false;
    bool raw = false;
    bool yes = false;
};

/// A device's own words, for people or for programs.
std::string payload_text(const MethodOptions& options, const std::string& payload) {
    if (options.raw || (!options.json && output_is_terminal())) {
        return terminal_text(payload) + "\n";
    }
    return rows_json({text_row("command", options.arguments.empty() ? options.method
                                                                    : options.arguments.front()),
                      text_row("response", payload)}) +
           "\n";
}

int show(const MethodOptions& options, const Result<MethodResult>& result) {
    if (!result) {
        return fail_at_device(result.error());
    }
    std::string text;
    if (options.raw) {
        for (const auto& payload : result->payloads) {
            text += terminal_text(payload) + "\n";
        }
    } else if (!options.json && output_is_terminal()) {
        text = rows_table(result->rows, output_columns());
    } else {
        text = rows_json(result->rows) + "\n";
    }
    return status_of(print(text) ? ExitCode::ok : ExitCode::failure);
}

int show_answer(const MethodOptions& options, const Result<std::string>& payload) {
    if (!payload) {
        return fail_at_device(payload.error());
    }
    return status_of(print(payload_text(options, *payload)) ? ExitCode::ok : ExitCode::failure);
}

/// The library's shutdown methods: the command itself, ACK or NAK, by the guarded way.
int switch_outlet(const MethodOptions& options, DeviceAccess& line,
                  const Result<SwitchOrder>& order, const std::stop_token& stop) {
    if (!order) {
        return fail_at_device(order.error());
    }
    const std::string target =
        order->outlet.is_all() ? "all outlets" : fmt::format("outlet {}", order->outlet.outlet());
    const auto question =
        fmt::format("{} {}, {}: do it?", options.method, target, line.facts().name);
    const auto report =
        line.carry_out(*order, [&] { return confirm(question, options.yes, stop); }, {});
    if (!report) {
        return fail_at_device(report.error(), unbegun_exit_code(report.error()));
    }
    if (report->error) {
        return fail_at_device(*report->error, switch_exit_code(*report));
    }
    return show_answer(options, std::string("ACK"));
}

int send_typed(const MethodOptions& options, DeviceAccess& line, const std::stop_token& stop) {
    if (options.arguments.size() != 1) {
        return fail_at_device({ErrorKind::invalid, "send takes one command, such as QGS"});
    }
    const std::string& command = options.arguments.front();
    if (question_of(options.kind, command)) {
        return show_answer(options, line.ask(command));
    }
    if (looks_like_switching(command)) {
        return options.kind == DeviceKind::pdu
                   ? switch_outlet(options, line, typed_order(command), stop)
                   : fail_at_device({ErrorKind::invalid, "an ATS has no outlets to switch"});
    }
    const auto allowed =
        confirm(fmt::format("{} is not a query. Send it to {}?", command, line.facts().name),
                options.yes, stop);
    return allowed ? show_answer(options, line.command(command))
                   : fail_at_device({ErrorKind::invalid, allowed.error().message});
}

int change(const MethodOptions& options, DeviceAccess& line, SetMethod method,
           const std::stop_token& stop) {
    if (method != SetMethod::clear_energy && method != SetMethod::test) {
        return switch_outlet(options, line, shutdown_order(method, options.arguments), stop);
    }
    if (!options.arguments.empty()) {
        return fail_at_device(
            {ErrorKind::invalid, fmt::format("{} has no argument", options.method)});
    }
    if (method == SetMethod::test) {
        return show_answer(options, line.command(pdu::self_test().text()));
    }
    const auto allowed =
        confirm(fmt::format("Set all energy counters of {} to zero (this cannot be undone)?",
                            line.facts().name),
                options.yes, stop);
    return allowed ? show_answer(options, line.command(pdu::clear_energy().text()))
                   : fail_at_device({ErrorKind::invalid, allowed.error().message});
}

int run_method(const MethodOptions& options) {
    if (!is_method(options.kind, options.method)) {
        return fail_at_device(unknown_method(options.kind, options.method));
    }
    const StopOnSignal stopper;
    const auto line = open_device(options.kind, options.choice, stopper.token());
    if (!line) {
        return fail_at_device(line.error());
    }
    if (options.method == "send") {
        return send_typed(options, **line, stopper.token());
    }
    if (const auto method = set_method(options.kind, options.method)) {
        return change(options, **line, *method, stopper.token());
    }
    return show(options, ask_method(**line, options.method, options.arguments));
}

void add_methods(CommandLine& line, DeviceKind kind, const std::string& what,
                 const std::string& example) {
    const auto [command, options] =
        line.add(std::string(to_keyword(kind)), what, example, run_method);
    options.kind = kind;
    command.footer("Example:\n  " + example + "\n\nMethods:\n" + method_help(kind));
    add_value(command, "method METHOD", options.method, "One of the methods below")->required();
    add_value(command, "arguments ARG", options.arguments, "Arguments of the method");
    add_device_options(command, options.choice);
    add_json(command, options.json);
    command.add_flag("--raw", options.raw, "The device's raw replies")->excludes("--json");
    command.add_flag("-y,--yes", options.yes, "Don't ask for confirmation");
}

}  // namespace

void setup_device_methods(CommandLine& line) {
    add_methods(line, DeviceKind::pdu, "Query and control a PDU with the Python library's methods",
                "pwlog pdu status --port /dev/ttyUSB0");
    add_methods(line, DeviceKind::ats, "Query an ATS with the Python library's methods",
                "pwlog ats info --port /dev/ttyUSB1");
}

}  // namespace pwlog
