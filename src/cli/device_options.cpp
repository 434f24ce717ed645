// SPDX-License-Identifier: MIT
#include "cli/device_options.h"

namespace pwlog {

void add_device_options(CLI::App& command, DeviceChoice& choice) {
    auto* device = command
                       .add_option("--device", choice.device,
                                   "The device's id; not needed if there is only one of its kind")
                       ->type_name("ID");
    auto* port = command.add_option("--port", choice.port, "Ask this port; needs no configuration")
                     ->type_name("PATH")
                     ->excludes(device);
    command
        .add_option("--report-number", choice.report_number,
                    "hidraw: the byte before each report, 0 to 255 or none")
        ->type_name("N")
        ->check(CLI::Validator(
            [](const std::string& text) -> std::string {
                std::optional<std::uint8_t> number;
                return read_report_number(text, number) ? "" : "expected 0 to 255, or none";
            },
            ""))
        ->needs(port);
}

}  // namespace pwlog
