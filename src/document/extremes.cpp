#include "document/extremes.h"

namespace pwlog {

void PduExtremes::add(const pdu::Status& status, const pdu::ActivePower& active) {
    input_voltage.add(status.input_voltage);
    input_current.add(status.input_current);
    input_power.add(active.input);
    for (std::size_t i = 0; i < pdu::outlet_count; ++i) {
        current[i].add(status.outlet_current[i]);
        power[i].add(active.outlets[i]);
    }
}

void AtsExtremes::add(const ats::Measurements& measurements) {
    for (std::size_t i = 0; i < voltage.size(); ++i) {
        voltage[i].add(measurements.sources[i].voltage);
    }
    load.add(measurements.load);
    output_current.add(measurements.output_current);
}

}  // namespace pwlog
