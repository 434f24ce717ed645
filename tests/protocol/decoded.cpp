// SPDX-License-Identifier: MIT
#include "decoded.h"

#include <stdexcept>
#include <string>

#include "base/json_object.h"
#include "protocol/ats.h"
#include "protocol/identity.h"
#include "protocol/memory.h"
#include "protocol/pdu.h"

namespace pwlog::test {
namespace {

using rapidjson::Document;
using rapidjson::Value;

/// A JSON object in the making.
class Fields {
  public:
    Fields() { document_.SetObject(); }

    void add(const char* name, Value value) {
        document_.AddMember(Value(rapidjson::StringRef(name)), value, allocator());
    }
    void add(const char* name, const std::string& text) { add(name, string(text)); }
    template <class Unit, class Number>
    void add(const char* name, const std::optional<Quantity<Unit, Number>>& quantity) {
        add(name, number(quantity));
    }
    template <class Unit, class Number>
    static Value number(const std::optional<Quantity<Unit, Number>>& quantity) {
        return quantity ? Value(quantity->value()) : Value();
    }
    Value string(std::string_view text) {
        return {text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator()};
    }
    Document::AllocatorType& allocator() { return document_.GetAllocator(); }
    Document take() { return std::move(document_); }

  private:
    Document document_;
};

Document show(const pdu::Status& status) {
    Fields fields;
    Value alarms(rapidjson::kArrayType);
    const auto alarm = [&](bool set, const char* name) {
        if (set) {
            alarms.PushBack(Value(rapidjson::StringRef(name)), fields.allocator());
        }
    };
    alarm(status.alarms.low_input_voltage, "low_input_voltage");
    alarm(status.alarms.high_input_voltage, "high_input_voltage");
    alarm(status.alarms.low_input_current, "low_input_current");
    alarm(status.alarms.high_input_current, "high_input_current");
    alarm(status.alarms.aux1_power_fail, "aux1_power_fail");
    alarm(status.alarms.aux2_power_fail, "aux2_power_fail");
    fields.add("alarms", std::move(alarms));
    Value states(rapidjson::kArrayType);
    Value currents(rapidjson::kArrayType);
    for (std::size_t i = 0; i < status.outlets.size(); ++i) {
        states.PushBack(fields.string(to_keyword(status.outlets[i])), fields.allocator());
        currents.PushBack(Fields::number(status.outlet_current[i]), fields.allocator());
    }
    fields.add("states", std::move(states));
    fields.add("input_v", status.input_voltage);
    fields.add("input_hz", status.input_frequency);
    fields.add("input_a", status.input_current);
    fields.add("outlet_a", std::move(currents));
    fields.add("temperature_c", status.temperature);
    return fields.take();
}

template <class Unit>
Document show(const pdu::PerOutlet<Unit>& reading, const char* input, const char* outlets) {
    Fields fields;
    Value values(rapidjson::kArrayType);
    for (const auto& value : reading.outlets) {
        values.PushBack(Fields::number(value), fields.allocator());
    }
    fields.add(input, reading.input);
    fields.add(outlets, std::move(values));
    return fields.take();
}

Document show(const pdu::Countdowns& countdowns) {
    Fields fields;
    Value list(rapidjson::kArrayType);
    for (const auto& countdown : countdowns) {
        Value pair(rapidjson::kArrayType);
        pair.PushBack(countdown.shutdown_s, fields.allocator());
        pair.PushBack(countdown.restore_s, fields.allocator());
        list.PushBack(pair, fields.allocator());
    }
    fields.add("countdowns", std::move(list));
    return fields.take();
}

Document show(const pdu::Model& model) {
    Fields fields;
    fields.add("model", model.name);
    fields.add("phases", model.phases);
    fields.add("nominal_input_v", Value(model.nominal_input_v));
    fields.add("nominal_output_v", Value(model.nominal_output_v));
    fields.add("inputs", Value(model.inputs));
    fields.add("outputs", Value(model.outputs));
    return fields.take();
}

Document show(const ats::Measurements& measurements) {
    Fields fields;
    fields.add("source1_v", measurements.sources[0].voltage);
    fields.add("source1_hz", measurements.sources[0].frequency);
    fields.add("source2_v", measurements.sources[1].voltage);
    fields.add("source2_hz", measurements.sources[1].frequency);
    fields.add("load", measurements.load);
    fields.add("output_a", measurements.output_current);
    fields.add("sync_angle_deg", measurements.sync_angle);
    fields.add("temperature_c", measurements.temperature);
    return fields.take();
}

Document show(const ats::Status& status) {
    Fields fields;
    fields.add("active_source", Value(status.active_source()));
    fields.add("preferred_source", Value(status.preferred_source()));
    Value bits(rapidjson::kArrayType);
    const auto bit = [&](bool set, const char* name) {
        if (set) {
            bits.PushBack(Value(rapidjson::StringRef(name)), fields.allocator());
        }
    };
    bit(status.sources[0].voltage_bad, "src1_voltage_bad");
    bit(status.sources[0].freq_bad, "src1_freq_bad");
    bit(status.sources[0].wave_bad, "src1_wave_bad");
    bit(status.sources[1].voltage_bad, "src2_voltage_bad");
    bit(status.sources[1].freq_bad, "src2_freq_bad");
    bit(status.sources[1].wave_bad, "src2_wave_bad");
    bit(status.sync_bad, "syncron_bad");
    bit(status.aux1_power_fail, "aux_pwr1_fail");
    bit(status.aux2_power_fail, "aux_pwr2_fail");
    bit(status.short_circuit, "short_fault");
    bit(status.overload_fault, "overload_fault");
    bit(status.overload_alarm, "overload_alarm");
    bit(status.fault_mode, "on_fault_mode");
    fields.add("bits", std::move(bits));
    return fields.take();
}

Document show(const ats::Ratings& ratings) {
    Fields fields;
    fields.add("output_v", ratings.output_voltage);
    fields.add("output_a", ratings.output_current);
    fields.add("battery_v", ratings.battery_voltage);
    fields.add("output_hz", ratings.output_frequency);
    return fields.take();
}

Document show(const std::vector<MemoryValue>& memory) {
    constexpr int decimals = 6;  // 41 x 0.1 is 4.1000000000000005
    Fields fields;
    Value list(rapidjson::kArrayType);
    for (const auto& value : memory) {
        Value entry(rapidjson::kObjectType);
        auto& allocator = fields.allocator();
        entry.AddMember("name", fields.string(value.setting->name), allocator);
        entry.AddMember("raw", value.raw, allocator);
        entry.AddMember("value", rounded(value.value(), decimals), allocator);
        entry.AddMember("unit", fields.string(value.setting->unit), allocator);
        entry.AddMember("in_range", value.in_range(), allocator);
        entry.AddMember("disabled", value.is_disabled(), allocator);
        list.PushBack(entry, allocator);
    }
    fields.add("memory", std::move(list));
    return fields.take();
}

/// `show`n value, or the error as it is.
template <class T, class... Names>
Result<Document> shown(const Result<T>& decoded, Names... names) {
    if (!decoded) {
        return pass_on(decoded);
    }
    return show(*decoded, names...);
}

Result<Document> text(const Result<std::string>& decoded, const char* name) {
    if (!decoded) {
        return pass_on(decoded);
    }
    Fields fields;
    fields.add(name, *decoded);
    return fields.take();
}

Result<Document> decode_pdu(std::string_view command, std::string_view payload) {
    if (command == pdu::qmd.text) return shown(pdu::decode_model(payload));
    if (command == pdu::qgs.text) return shown(pdu::decode_status(payload));
    if (command == pdu::qpw.text)
        return shown(pdu::decode_active_power(payload), "input_w", "outlets_w");
    if (command == pdu::qpva.text)
        return shown(pdu::decode_apparent_power(payload), "input_va", "outlets_va");
    if (command == pdu::qec.text)
        return shown(pdu::decode_energy(payload), "input_kwh", "outlets_kwh");
    if (command == pdu::qsr.text) return shown(pdu::decode_countdowns(payload));
    for (int address = 0; address < pdu::memory_words; ++address) {
        if (command == pdu::memory_query(address)) {
            return shown(pdu::decode_memory(address, payload));
        }
    }
    auto accepted = decode_acknowledgement(command, payload);
    if (!accepted) {
        return pass_on(accepted);
    }
    Fields fields;
    fields.add("accepted", Value(true));
    return fields.take();
}

Result<Document> decode_ats(std::string_view command, std::string_view payload) {
    if (command == ats::qats.text) return shown(ats::decode_measurements(payload));
    if (command == ats::qas.text) return shown(ats::decode_status(payload));
    if (command == ats::qri.text) return shown(ats::decode_ratings(payload));
    for (int address = 0; address < ats::memory_words; ++address) {
        if (command == ats::memory_query(address)) {
            return shown(ats::decode_memory(address, payload));
        }
    }
    throw std::runtime_error("no such command of the ATS: " + std::string(command));
}

}  // namespace

Result<Document> decode(std::string_view device, std::string_view command,
                        std::string_view payload) {
    if (command == qpi.text) return text(decode_protocol_id(payload), "protocol");
    if (command == qvfw.text) return text(decode_firmware(payload), "firmware");
    return device == "pdu" ? decode_pdu(command, payload) : decode_ats(command, payload);
}

std::string_view kind_name(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::garbled:
            return "garbled";
        case ErrorKind::refused:
            return "refused";
        default:
            return "another kind";
    }
}

}  // namespace pwlog::test
