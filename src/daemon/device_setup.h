// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "document/derive.h"
#include "link/link.h"
#include "protocol/command.h"
#include "sampling/nut_client.h"
#include "sampling/sampler.h"
#include "switching/switching.h"

namespace pwlog {

/// One PDU to be read.
struct PduSetup {
    PortOptions port;
    SessionOptions session;
    SamplerOptions sampler;
    PduContext context;
    pdu::SwitchPermit switchable{};  ///< outlets that may be switched
    int switch_limit = SwitchSetup{}.per_minute;
};

/// One ATS to be read.
struct AtsSetup {
    PortOptions port;
    SessionOptions session;
    SamplerOptions sampler;
    AtsContext context;
    bool with_capsule = true;  ///< keep the readings around a transfer
};

/// One UPS to be read.
struct UpsSetup {
    NutPlace place;
    SamplerOptions sampler;
    DeviceTag device;
};

using DeviceSetup = std::variant<PduSetup, AtsSetup, UpsSetup>;

const DeviceTag& tag_of(const DeviceSetup& setup);
/// As configured, for people.
std::string port_of(const DeviceSetup& setup);
/// How it is to be read.
SamplerOptions sampling_of(const DeviceSetup& setup);

std::unique_ptr<SampledDevice> make_device(const DeviceSetup& setup, const Clock& clock);

}  // namespace pwlog
