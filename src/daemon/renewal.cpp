// SPDX-License-Identifier: MIT
#include "daemon/renewal.h"

#include <fmt/format.h>

#include <optional>

#include "base/tls_files.h"
#include "daemon/agent_options.h"
#include "daemon/reload.h"
#include "daemon/section_options.h"

namespace pwlog {
namespace {

/// What has to be known of the new configuration before anything of the old one ends.
struct Prepared {
    std::set<std::string> sections;  ///< that differ
    std::set<std::string> devices;
    bool mqtt = false;
    std::optional<BulkSender> sender;
    BatchLimits limits;
};

/// Of an unchanged section too: a file that it names may be another by now, or gone.
template <class Section>
Result<void> check_certificates(const char* name, const Section& section) {
    const auto fine = check_tls_files(
        {section.ca_file.string(), section.client_cert.string(), section.client_key.string()});
    return fine ? fine
                : fail(fine.error().kind, fmt::format("[{}] {}", name, fine.error().message));
}

Result<void> check_files(const Config& next) {
    if (const auto broker = next.mqtt ? broker_options(next) : Result<BrokerOptions>(); !broker) {
        return pass_on(broker);
    }
    const auto fine = check_certificates("elasticsearch", next.elasticsearch);
    return fine && next.mqtt ? check_certificates("mqtt", *next.mqtt) : fine;
}

Result<Prepared> prepare(const Config& before, const Config& next, const Clock& clock) {
    Prepared prepared;
    prepared.sections = changed_marks(before.marks, next.marks);
    prepared.devices = changed_marks(before.device_marks, next.device_marks);
    const auto has = [&](const char* section) { return prepared.sections.contains(section); };
    // Where a device's topics lie depends on its place among those of its kind.
    const bool places = has("pdu") || has("ats") || has("ups");
    prepared.mqtt =
        has("mqtt") || has("switchable") || has("host_name") || places || !prepared.devices.empty();
    const auto options = sender_options(next.elasticsearch);
    const auto files = options ? check_files(next) : pass_on(options);
    if (!files) {
        return pass_on(files);
    }
    if (has("elasticsearch")) {
        auto sender = BulkSender::open(*options, clock);
        if (!sender) {
            return pass_on(sender);
        }
        prepared.sender = std::move(*sender);
        prepared.limits = {options->limits.documents, options->limits.bytes};
    }
    return prepared;
}

/// It is still shown what happens, which waits there until the next one is here.
std::shared_ptr<MqttParts> end_mqtt(const RenewableParts& parts) {
    auto mqtt = parts.mqtt.get();
    if (mqtt) {
        mqtt->stop_commands();
        mqtt->stop();
        parts.mqtt.set(nullptr);
    }
    return mqtt;
}

/// `ended`: the one before, whose events have not all been sent; null where there was none.
Result<void> begin_mqtt(const Config& next, const std::shared_ptr<MqttParts>& ended,
                        const RenewableParts& parts) {
    auto mqtt = make_mqtt(next, parts.agent, parts.clock);
    if (!mqtt || !*mqtt) {
        parts.relay.show_to(nullptr);
        return mqtt ? Result<void>() : pass_on(mqtt);
    }
    parts.mqtt.set(*mqtt);
    parts.relay.show_to({*mqtt, (*mqtt)->board.get()});
    if (ended) {
        (*mqtt)->board->succeed(*ended->board);
    }
    return (*mqtt)->start();
}

}  // namespace

Result<void> renew(const Config& before, const Config& next, const RenewableParts& parts) {
    auto prepared = prepare(before, next, parts.clock);
    if (!prepared) {
        return pass_on(prepared);
    }
    renew_permits(next, parts.agent);  // what is withdrawn is so at once
    const auto ended = prepared->mqtt ? end_mqtt(parts) : nullptr;
    if (auto renewed = parts.agent.renew(agent_options(next), prepared->devices); !renewed) {
        return renewed;
    }
    if (prepared->sender) {
        parts.shipper.replace_sender(std::move(*prepared->sender), prepared->limits);
    }
    return prepared->mqtt ? begin_mqtt(next, ended, parts) : Result<void>();
}

}  // namespace pwlog
