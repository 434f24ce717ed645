// SPDX-License-Identifier: MIT
#include "cli/device_options.h"

#include "cli/command_line.h"

namespace pwlog {

void add_device_options(CLI::App& command, DeviceChoice& choice) {
    auto* device = add_value(command, "--device ID", choice.device,
                             "The device's id; not needed if there is only one of its kind");
    auto* port =
        add_value(command, "--port PATH", choice.port, "Ask this port; needs no configuration")
            ->excludes(device);
    add_value(command, "--report-number N", choice.report_number,
              "hidraw: the byte before each report, 0 to 255 or none")
        ->check(CLI::Validator(
            [](const std::string& text) -> std::string {
                std::optional<std::uint8_t> number;
                return read_report_number(text, number) ? "" : "expected 0 to 255, or none";
            },
            ""))
        ->needs(port);
}

}  // namespace pwlog
