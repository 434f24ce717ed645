// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mqtt/discovery.h"
#include "mqtt/outbox.h"
#include "sampling/nut_answer.h"
#include "sampling/witness.h"

namespace pwlog {

/// Which devices have topics, and where.
struct BoardOptions {
    std::string prefix = "powerwalker";  ///< `P`
    /// In the order of the configuration: the first PDU and the first ATS have the topics that
    /// users of the Python library know, each further one has its own below `P/<device.id>`.
    std::vector<std::string> pdus{};
    std::vector<std::string> ats{};
    std::vector<std::string> ups{};
    bool oldest_form = false;
    std::optional<HomeOptions> home{};  ///< none: nothing is announced
    /// Outlets that commands are taken for, by PDU.
    std::map<std::string, std::vector<int>> switchable{};
};

/// What stands before `/pdu/…` or `/ats/…`, per device.
std::map<std::string, std::string> places_above(const BoardOptions& options);

/// On which it is said whether a device can be read, per device.
std::map<std::string, std::string> availability_topics(const BoardOptions& options);

/// Turns what is read and what happens into states and events in the outbox. Thread-safe.
class StateBoard final : public Witness {
  public:
    StateBoard(BoardOptions options, Outbox& outbox);

    void saw(const PduContext& pdu, const std::string& firmware,
             const PduReading& reading) override;
    void saw(const AtsContext& ats, const std::string& firmware,
             const AtsReading& reading) override;
    void saw(const DeviceTag& ups, const UpsReading& reading) override;
    void missed(const DeviceTag& device) override;
    void heard(const Document& event) override;
    /// Takes over from the one `before`, of which nothing more is sent: where that may have said
    /// that a device is there and this one has none, the last word is that it is not, and what it
    /// announced with other topics is taken back.
    void succeed(const StateBoard& before);
    /// Announces nothing any more, and takes back what it has.
    void withdraw();
    /// The broker does not take so much on this topic: a device that was announced there in one
    /// message is announced entity by entity from now on.
    void was_too_large(const std::string& topic);

  private:
    struct Alarms {
        std::optional<pdu::Status> pdu;
        std::optional<ats::Status> ats;
    };
    /// Null for one that a reload has begun to read: the next board, about to come, knows it.
    const std::string* place_above(const std::string& device_id) const;
    /// Whether this much is news about a device.
    bool is_news(const DeviceTag& device, const std::string& firmware);
    std::set<std::string> variables_of(const DeviceTag& ups, const UpsReading& reading);
    void announce(const HomeDevice& device);
    bool still_announces(const HomeDevice& device, const StateBoard& before) const;
    void put(std::vector<MqttMessage> messages);

    const BoardOptions options_;
    const std::map<std::string, std::string> above_;
    Outbox& outbox_;
    mutable std::mutex mutex_;                      // what follows
    std::map<std::string, Alarms> alarms_;          // by what is above
    std::map<std::string, std::string> announced_;  // device.id -> model and firmware
    std::map<std::string, HomeDevice> homes_;       // by the topic of the whole device
    std::set<std::string> too_large_;               // device.id
    bool is_withdrawn_ = false;
    std::map<std::string, std::set<std::string>> variables_;  // that a UPS has given so far
};

}  // namespace pwlog
