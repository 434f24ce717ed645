// SPDX-License-Identifier: MIT
#include "daemon/ups_parts.h"

namespace pwlog {

std::vector<std::unique_ptr<UpsReader>> make_ups_readers(const Config& config, Recorder& recorder,
                                                         Spool& spool, const Clock& clock,
                                                         StateBoard* board) {
    UpsReader::Witness saw;
    if (board != nullptr) {
        saw = [board](const DeviceTag& device, const std::optional<UpsReading>& reading) {
            board->saw_ups(device, reading);
        };
    }
    std::vector<std::unique_ptr<UpsReader>> readers;
    for (const auto& ups : config.ups) {
        UpsSetup setup;
        setup.device = {ups.id, "", ups.name};
        setup.place.host = ups.host;
        setup.place.port = ups.port;
        setup.place.ups = ups.ups;
        setup.interval = ups.interval;
        auto reader = std::make_unique<UpsReader>(std::move(setup), recorder, clock, saw);
        for (const auto& key : reader->state_keys()) {
            if (const auto saved = spool.state(key); saved && !saved->empty()) {
                reader->restore(key, *saved);
            }
        }
        readers.push_back(std::move(reader));
    }
    return readers;
}

}  // namespace pwlog
