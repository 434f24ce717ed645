// SPDX-License-Identifier: MIT
#include "daemon/device_setup.h"

#include "link/open_in_turn.h"
#include "sampling/sampled_ats.h"
#include "sampling/sampled_pdu.h"
#include "sampling/sampled_ups.h"

namespace pwlog {
namespace {

template <class Setup>
Session session_at(const Setup& setup, std::string_view protocol_id, const Clock& clock) {
    const auto open = [port = setup.port](const std::stop_token& stop) {
        return open_in_turn(port, stop);
    };
    return {open, protocol_id, setup.session, clock};
}

/// Makes the device of each kind.
struct Maker {
    const Clock& clock;

    std::unique_ptr<SampledDevice> operator()(const PduSetup& setup) const {
        PduDevice device(session_at(setup, pdu::protocol_id, clock), clock);
        return std::make_unique<SampledPdu>(std::move(device), setup.context,
                                            setup.sampler.longest_gap());
    }
    std::unique_ptr<SampledDevice> operator()(const AtsSetup& setup) const {
        AtsDevice device(session_at(setup, ats::protocol_id, clock), clock);
        return std::make_unique<SampledAts>(std::move(device), setup.context,
                                            setup.sampler.longest_gap(), setup.with_capsule);
    }
    std::unique_ptr<SampledDevice> operator()(const UpsSetup& setup) const {
        return std::make_unique<SampledUps>(setup.device, setup.place, clock);
    }
};

struct Tag {
    const DeviceTag& operator()(const UpsSetup& setup) const { return setup.device; }
    const DeviceTag& operator()(const auto& setup) const { return setup.context.device; }
};

struct Port {
    std::string operator()(const UpsSetup& setup) const { return setup.place.text(); }
    std::string operator()(const auto& setup) const { return setup.port.name; }
};

}  // namespace

const DeviceTag& tag_of(const DeviceSetup& setup) { return std::visit(Tag(), setup); }

std::string port_of(const DeviceSetup& setup) { return std::visit(Port(), setup); }

SamplerOptions sampling_of(const DeviceSetup& setup) {
    auto options = std::visit([](const auto& any) { return any.sampler; }, setup);
    options.port = port_of(setup);
    return options;
}

std::unique_ptr<SampledDevice> make_device(const DeviceSetup& setup, const Clock& clock) {
    return std::visit(Maker{clock}, setup);
}

}  // namespace pwlog
