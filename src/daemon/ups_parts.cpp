// SPDX-License-Identifier: MIT
#include "daemon/ups_parts.h"

#include <algorithm>

namespace pwlog {
namespace {

std::shared_ptr<UpsReader> make_reader(const UpsConfig& ups, Recorder& recorder, Spool& spool,
                                       const Clock& clock, const UpsReader::Witness& saw) {
    UpsSetup setup;
    setup.device = {ups.id, "", ups.name};
    setup.place.host = ups.host;
    setup.place.port = ups.port;
    setup.place.ups = ups.ups;
    setup.interval = ups.interval;
    auto reader = std::make_shared<UpsReader>(std::move(setup), recorder, clock, saw);
    for (const auto& key : reader->state_keys()) {
        if (const auto saved = spool.state(key); saved && !saved->empty()) {
            reader->restore(key, *saved);
        }
    }
    return reader;
}

}  // namespace

UpsReaders make_ups_readers(const Config& config, Recorder& recorder, Spool& spool,
                            const Clock& clock, WitnessRelay* relay, const UpsReaders& before,
                            const std::set<std::string>& anew) {
    UpsReader::Witness saw;
    if (relay != nullptr) {
        saw = [relay](const DeviceTag& device, const std::optional<UpsReading>& reading) {
            relay->saw_ups(device, reading);
        };
    }
    UpsReaders readers;
    for (const auto& ups : config.ups) {
        const auto old = std::find_if(before.begin(), before.end(), [&](const auto& reader) {
            return reader->status().device == ups.id && !anew.contains(ups.id);
        });
        readers.push_back(old != before.end() ? *old
                                              : make_reader(ups, recorder, spool, clock, saw));
    }
    return readers;
}

}  // namespace pwlog
