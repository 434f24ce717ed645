// SPDX-License-Identifier: MIT
#include "daemon/renewal.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/thread.h"
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

/// Of what a configuration can ask for; what is shared by all is there already.
std::size_t threads_of(const Config& config) {
    constexpr std::size_t broker_and_commands = 2;  // more of the latter only make them quicker
    return config.pdus.size() + config.ats.size() + config.ups.size() +
           (config.mqtt ? broker_and_commands : 0);
}

/// Those of what ends are free by then.
Result<void> check_threads(const Config& before, const Config& next) {
    const auto has = threads_of(before);
    const auto more = std::max(threads_of(next), has) - has;
    const auto spare = spare_threads(more);
    return spare == more
               ? Result<void>()
               : fail(ErrorKind::full,
                      fmt::format("{} more threads are needed, and {} can be made: raise TasksMax= "
                                  "of the unit (systemctl edit pwlog), or `ulimit -u`",
                                  more, spare));
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
    if (const auto threads = check_threads(before, next); !threads) {
        return pass_on(threads);
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

Result<void> take_over(const Config& next, Prepared prepared, const RenewableParts& parts) {
    renew_permits(next, parts.agent);  // what is withdrawn is so at once
    const auto ended = prepared.mqtt ? end_mqtt(parts) : nullptr;
    if (auto renewed = parts.agent.renew(agent_options(next), prepared.devices); !renewed) {
        return renewed;
    }
    if (prepared.sender) {
        parts.shipper.replace_sender(std::move(*prepared.sender), prepared.limits);
    }
    return prepared.mqtt ? begin_mqtt(next, ended, parts) : Result<void>();
}

}  // namespace

Result<void> renew(const Config& before, const Config& next, const RenewableParts& parts) {
    auto prepared = prepare(before, next, parts.clock);
    if (!prepared) {
        return pass_on(prepared);
    }
    auto taken = take_over(next, std::move(*prepared), parts);
    if (!taken) {
        end_as_failed(fmt::format("only a part of the new configuration could be taken over: {}",
                                  taken.error().message));
    }
    return taken;
}

}  // namespace pwlog
