// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "cli/command_line.h"
#include "cli/device_methods.h"
#include "cli/device_options.h"
#include "cli/memory_text.h"
#include "control/device_access.h"
#include "daemon/signals.h"
#include "terminal/output.h"

namespace pwlog {
namespace {

struct MemoryOptions {
    DeviceChoice choice;
    std::string kind;   ///< pdu or ats
    std::string saved;  ///< diff: a file; empty: the defaults
    bool json = false;
};

struct Memory {
    DeviceFacts facts;
    std::vector<MemoryValue> values;
};

Result<Memory> read_whole(const MemoryOptions& options, const std::stop_token& stop) {
    const auto kind = options.kind == "pdu" ? DeviceKind::pdu : DeviceKind::ats;
    auto line = open_device(kind, options.choice, stop);
    if (!line) {
        return pass_on(line);
    }
    std::vector<int> addresses(kind == DeviceKind::pdu ? pdu::memory_words : ats::memory_words);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        addresses[i] = static_cast<int>(i);
    }
    auto values = read_memory(**line, addresses);
    return values ? Result<Memory>(Memory{(*line)->facts(), *std::move(values)}) : pass_on(values);
}

Result<WantedMemory> wanted_by(const MemoryOptions& options,
                               const std::vector<MemoryValue>& values) {
    if (options.saved.empty()) {
        return factory_memory(values);
    }
    std::ifstream file(options.saved, std::ios::binary);
    if (!file) {
        return fail(ErrorKind::invalid, fmt::format("{}: cannot be read", options.saved));
    }
    const std::string json{std::istreambuf_iterator<char>(file), {}};
    auto wanted = saved_memory(json);
    return wanted ? wanted
                  : fail(ErrorKind::invalid,
                         fmt::format("{}: {}", options.saved, wanted.error().message));
}

int run_show(const MemoryOptions& options) {
    const StopOnSignal stopper;
    const auto memory = read_whole(options, stopper.token());
    if (!memory) {
        return fail_at_device(memory.error());
    }
    const bool table = !options.json && output_is_terminal();
    const std::string text =
        table ? memory_table(memory->values) : memory_json(memory->facts.id, memory->values) + "\n";
    return status_of(print(text) ? ExitCode::ok : ExitCode::failure);
}

int run_diff(const MemoryOptions& options) {
    const StopOnSignal stopper;
    const auto memory = read_whole(options, stopper.token());
    if (!memory) {
        return fail_at_device(memory.error());
    }
    const auto wanted = wanted_by(options, memory->values);
    if (!wanted) {
        return fail_at_device(wanted.error());
    }
    const auto differences = compare_memory(memory->values, *wanted);
    const bool table = !options.json && output_is_terminal();
    std::string text = table ? differences_table(differences)
                             : differences_json(memory->facts.id, differences) + "\n";
    if (table && differences.empty()) {
        text = fmt::format("{}: no difference\n", memory->facts.name);
    }
    const bool is_printed = print(text);
    return status_of(is_printed && differences.empty() ? ExitCode::ok : ExitCode::failure);
}

Subcommand<MemoryOptions> add_command(CommandLine& line, CLI::App& memory, const std::string& name,
                                      const std::string& what, const std::string& example,
                                      int (*run)(const MemoryOptions&)) {
    const auto [command, options] = line.add_to(memory, name, what, example, run);
    add_value(command, "kind KIND", options.kind, "pdu or ats")
        ->required()
        ->check(CLI::IsMember({"pdu", "ats"}));
    add_json(command, options.json);
    add_device_options(command, options.choice);
    return {command, options};
}

}  // namespace

void setup_memory(CommandLine& line) {
    CLI::App& memory = *line.app.add_subcommand("memory", "Show the settings in a device's memory");
    memory.require_subcommand(1);
    memory.footer("Example:\n  pwlog memory show pdu");
    add_command(line, memory, "show", "All settings: name, value, unit, range, default",
                "pwlog memory show pdu --json > before.json", run_show);
    const auto [diff, options] = add_command(
        line, memory, "diff",
        "What differs from the defaults, or from a file; exit status 1 if anything does",
        "pwlog memory diff ats --saved before.json", run_diff);
    add_value(diff, "--saved FILE", options.saved, "What `memory show --json` wrote");
}

}  // namespace pwlog
