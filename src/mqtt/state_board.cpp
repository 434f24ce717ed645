#include "mqtt/state_board.h"

#include <algorithm>
#include <utility>

#include "mqtt/state_messages.h"
#include "mqtt/ups_messages.h"

namespace pwlog {

std::map<std::string, std::string> places_above(const BoardOptions& options) {
    std::map<std::string, std::string> above;
    for (const auto& kind : {options.pdus, options.ats, options.ups}) {
        for (const auto& id : kind) {
            above[id] = id == kind.front() ? options.prefix : options.prefix + "/" + id;
        }
    }
    return above;
}

StateBoard::StateBoard(BoardOptions options, Outbox& outbox)
    : options_(std::move(options)), above_(places_above(options_)), outbox_(outbox) {}

void StateBoard::saw(const PduContext& pdu, const std::string& firmware,
                     const PduReading& reading) {
    const auto& above = above_.at(pdu.device.id);
    if (is_news(pdu.device, firmware)) {
        const auto switchable = options_.switchable.find(pdu.device.id);
        announce(home_device(
            above, pdu, firmware,
            switchable == options_.switchable.end() ? std::vector<int>() : switchable->second));
    }
    put(pdu_messages(above, reading, options_.oldest_form));
    const std::lock_guard lock(mutex_);
    auto& alarms = alarms_[above];
    alarms.pdu = reading.status;
    outbox_.set(alert_message(above, alarms.pdu, alarms.ats));
    outbox_.keep(availability_message(above, "pdu", true));
}

void StateBoard::saw(const AtsContext& ats, const std::string& firmware,
                     const AtsReading& reading) {
    const auto& above = above_.at(ats.device.id);
    if (is_news(ats.device, firmware)) {
        announce(home_device(above, ats, firmware));
    }
    put(ats_messages(above, ats, reading));
    const std::lock_guard lock(mutex_);
    auto& alarms = alarms_[above];
    alarms.ats = reading.status;
    outbox_.set(alert_message(above, alarms.pdu, alarms.ats));
    outbox_.keep(availability_message(above, "ats", true));
}

/// The last state stays what it was; whether it still holds, the availability says.
void StateBoard::missed(const DeviceTag& device) {
    const bool is_pdu =
        std::find(options_.pdus.begin(), options_.pdus.end(), device.id) != options_.pdus.end();
    outbox_.keep(availability_message(above_.at(device.id), is_pdu ? "pdu" : "ats", false));
}

void StateBoard::saw_ups(const DeviceTag& ups, const std::optional<UpsReading>& reading) {
    const auto& above = above_.at(ups.id);
    if (reading) {
        if (is_news(ups, reading->manufacturer)) {
            announce(home_device(above, ups, *reading));
        }
        put(ups_messages(above, *reading));
    }
    outbox_.keep(availability_message(above, "ups", reading.has_value()));
}

void StateBoard::heard(const Document& event) {
    outbox_.tell({options_.prefix + "/event", event.json});
}

bool StateBoard::is_news(const DeviceTag& device, const std::string& firmware) {
    const std::lock_guard lock(mutex_);
    const std::string known = device.model + "/" + firmware;
    const auto [place, is_new] = announced_.try_emplace(device.id, known);
    return options_.home && (is_new || std::exchange(place->second, known) != known);
}

void StateBoard::announce(const HomeDevice& device) {
    for (auto& message : announcement(*options_.home, device)) {
        outbox_.keep(std::move(message));
    }
}

void StateBoard::put(std::vector<MqttMessage> messages) {
    for (auto& message : messages) {
        outbox_.set(std::move(message));
    }
}

}  // namespace pwlog
