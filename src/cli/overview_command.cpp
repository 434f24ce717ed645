// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "base/json_object.h"
#include "base/thread.h"
#include "cli/command_line.h"
#include "cli/device_methods.h"
#include "daemon/signals.h"
#include "terminal/output.h"
#include "terminal/terminal_text.h"
#include "terminal/text_table.h"

namespace pwlog {
namespace {

/// Methods of each kind, by names of the JSON's objects; with one alone its keys stand directly
/// under the device.
struct Overview {
    std::vector<std::string> of_pdu;
    std::vector<std::string> of_ats;
};

const Overview info{{"info", "protocol", "firmware"}, {"ratings", "protocol", "firmware"}};
const Overview status{{"status"}, {"info", "status"}};
const Overview power{{"power_w", "power_va", "energy_kwh"}, {}};

struct OverviewOptions {
    const CommonOptions* common = nullptr;
    const Overview* overview = nullptr;
    bool json = false;
};

const std::vector<std::string>& methods_of(const ConfiguredDevice& device,
                                           const Overview& overview) {
    return device.facts.kind == DeviceKind::pdu ? overview.of_pdu : overview.of_ats;
}

/// All methods' values together: their keys differ.
Result<ValueRows> ask_all(const ConfiguredDevice& device, const std::vector<std::string>& methods) {
    const auto line = device.open();
    if (!line) {
        return pass_on(line);
    }
    ValueRows rows;
    for (const auto& method : methods) {
        auto result = ask_method(**line, method, {});
        if (!result) {
            return pass_on(result);
        }
        rows.insert(rows.end(), result->rows.begin(), result->rows.end());
    }
    return rows;
}

/// What each says, in their order. A few are asked at once: a daemon has room for some clients,
/// and this is not the only one.
std::vector<Result<ValueRows>> ask_each(const std::vector<ConfiguredDevice>& devices,
                                        const Overview& overview) {
    constexpr std::size_t at_once = 4;
    std::vector<Result<ValueRows>> said(devices.size());
    std::atomic<std::size_t> next = 0;
    run_at_once("overview", std::min(at_once, devices.size()), [&](std::size_t) {
        for (auto i = next++; i < devices.size(); i = next++) {
            said[i] = ask_all(devices[i], methods_of(devices[i], overview));
        }
    });
    return said;
}

/// Of three methods with a value of the input and of each outlet: a line for each of these.
std::string power_table(const ValueRows& rows, const DeviceFacts& facts, std::size_t columns) {
    using Align = TextTable::Align;
    constexpr std::size_t others = 40;  // numbers, and the blanks between
    constexpr std::size_t shortest = 10;
    const auto count = pdu::outlet_count + 1;
    const auto widest = std::max(shortest, columns - std::min(columns, others));
    TextTable table;
    table.column("Outlet", Align::right).column("Name").column("W", Align::right);
    table.column("VA", Align::right).column("kWh", Align::right);
    for (std::size_t i = 0; i < count; ++i) {
        table.row({i == 0 ? "input" : std::to_string(i),
                   i == 0 ? "" : cut_text(facts.outlet_names.at(i - 1), widest), rows.at(i).text,
                   rows.at(count + i).text, rows.at(2 * count + i).text});
    }
    return table.text();
}

std::string heading(const DeviceFacts& facts) {
    const std::string kind = facts.kind == DeviceKind::pdu ? "PDU" : "ATS";
    return facts.name == facts.id
               ? fmt::format("{} {}\n", kind, facts.id)
               : fmt::format("{} {} ({})\n", kind, facts.id, terminal_text(facts.name));
}

int show(const CommonOptions& common, const Overview& overview, bool json) {
    const StopOnSignal stopper;
    auto devices = all_devices(common, stopper.token());
    if (!devices) {
        return fail_at_device(devices.error());
    }
    std::erase_if(*devices, [&](const auto& one) { return methods_of(one, overview).empty(); });
    const auto said = ask_each(*devices, overview);
    const bool table = !json && output_is_terminal();
    JsonObject object;
    std::string text;
    bool failed = false;
    for (std::size_t i = 0; i < devices->size(); ++i) {
        const auto& device = (*devices)[i];
        const auto& rows = said[i];
        if (!rows) {
            print_problem(fmt::format("{}: {}", device.facts.id, rows.error().message));
            failed = true;
            continue;
        }
        object.add_raw(device.facts.id, rows_json(*rows));
        text += (text.empty() ? "" : "\n") + heading(device.facts) +
                (&overview == &power ? power_table(*rows, device.facts, output_columns())
                                     : rows_table(*rows, output_columns()));
    }
    const bool printed = print(table ? text : object.take() + "\n");
    return status_of(failed ? ExitCode::device : printed ? ExitCode::ok : ExitCode::failure);
}

int run_overview(const OverviewOptions& options) {
    return show(*options.common, *options.overview, options.json);
}

void add_overview(CommandLine& line, const std::string& name, const std::string& what,
                  const Overview& overview) {
    const auto [command, options] = line.add(name, what, "pwlog " + name, run_overview);
    options.overview = &overview;
    add_json(command, options.json);
}

}  // namespace

int show_device_status(const CommonOptions& common, bool json) {
    return show(common, status, json);
}

void setup_overviews(CommandLine& line) {
    add_overview(line, "info", "Model, ratings and firmware of all configured devices", info);
    add_overview(line, "power", "Watts, volt-amperes and energy of all configured PDUs", power);
}

}  // namespace pwlog
