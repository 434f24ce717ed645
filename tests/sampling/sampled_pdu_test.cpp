// SPDX-License-Identifier: MIT
#include "sampling/sampled_pdu.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "support/served.h"
#include "support/system_clock.h"
#include "support/text.h"

using namespace pwlog;
using namespace pwlog::test;
using namespace std::chrono_literals;

namespace {

/// How many outlets' documents say how near to its alarm the outlet is, of a PDU that remembers
/// this of each outlet's threshold.
int loads_with(const std::string& threshold) {
    const auto served = *Served::start(Served::fast_pdu());
    const PortOptions port{.name = served->path(), .kind = PortOptions::Kind::descriptor};
    PduContext context;
    context.device = {"rack1-pdu", "", ""};
    SampledPdu pdu(PduDevice(Session([port](const std::stop_token&) { return open_link(port); },
                                     pdu::protocol_id, {}, system_clock),
                             system_clock),
                   context, 30s);
    std::string saved;
    for (int outlet = 1; outlet <= pdu::outlet_count; ++outlet) {
        saved += fmt::format("out{}_current_alarm\t{}\n", outlet, threshold);
    }
    pdu.restore("rack1-pdu/settings", saved);
    REQUIRE(pdu.read_cycle({}));
    int loads = 0;
    for (const auto& document : pdu.make_sample(Origin{"pi", "0.1.0", {}}, Timestamp{}).documents) {
        loads += has(document.json, "powerwalker.outlet") && has(document.json, "load_pct") ? 1 : 0;
    }
    return loads;
}

}  // namespace

TEST_CASE("a threshold that is remembered must be one that a device can have", "[sampling]") {
    CHECK(loads_with("0.5") == pdu::outlet_count);
    CHECK(loads_with("4") == pdu::outlet_count);
    for (const auto* const odd :
         {"0.4", "4.1", "25.5", "0", "-2", "2 A", "2,5", "nan", "inf", "1e300", "disabled", ""}) {
        INFO(odd);
        CHECK(loads_with(odd) == 0);
    }
}
