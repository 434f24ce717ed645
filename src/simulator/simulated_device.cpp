// SPDX-License-Identifier: MIT
#include "simulator/simulated_device.h"

#include "protocol/fields.h"
#include "protocol/frame.h"
#include "protocol/identity.h"
#include "simulator/capture_simulator.h"

namespace pwlog::simulator {
namespace {

std::unique_ptr<DeviceModel> make_model(const SimulatedDevice::Options& options,
                                        const Moment& start) {
    const bool is_pdu = options.kind == DeviceKind::pdu;
    if (options.captures) {
        return std::make_unique<CaptureSimulator>(is_pdu ? CaptureSimulator::pdu()
                                                         : CaptureSimulator::ats());
    }
    if (is_pdu) {
        return std::make_unique<PduSimulator>(options.seed, start);
    }
    return std::make_unique<AtsSimulator>(options.seed, start);
}

std::string with_tokens(std::string_view payload,
                        const std::map<std::size_t, std::string>& forced) {
    const auto tokens = split_fields(payload);
    std::string changed;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto text = forced.find(i);
        changed += i == 0 ? "" : " ";
        changed += text == forced.end() ? tokens[i] : std::string_view(text->second);
    }
    return changed;
}

/// One that changes something.
bool is_command(std::string_view command) {
    return command.starts_with("S,") || command.starts_with("CS,") || command == "CEC" ||
           command == "TP";
}

template <class Model, class Order>
Result<void> carry_out(DeviceModel& model, const Order& order, const Moment& now) {
    auto* const fitting = dynamic_cast<Model*>(&model);
    if (fitting == nullptr) {
        return fail(ErrorKind::invalid, "this device has nothing of that kind to set");
    }
    fitting->advance(now);
    order(*fitting);
    return {};
}

}  // namespace

SimulatedDevice::SimulatedDevice(const Options& options, const Clock& clock)
    : kind_(options.kind),
      clock_(clock, options.time_factor),
      model_(make_model(options, clock_.now())),
      dice_(options.seed) {}

std::optional<std::string> SimulatedDevice::meant_answer(std::string_view command,
                                                         const Moment& now) {
    auto payload = model_->answer(command, now);
    if (const auto fixed = fixed_.find(command); fixed != fixed_.end()) {
        return fixed->second;
    }
    if (const auto forced = forced_.find(command); payload && forced != forced_.end()) {
        return with_tokens(*payload, forced->second);
    }
    return payload;
}

std::string SimulatedDevice::other_answer(std::string_view command, const Moment& now) {
    auto others = model_->queries();
    std::erase(others, command);
    return frame(meant_answer(others[dice_.below(others.size())], now).value_or(""));
}

Answer SimulatedDevice::answer(std::string_view command) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    const auto rule = command.empty() ? std::nullopt : faults_.draw(command, dice_);
    Answer answer;
    if (rule && rule->kind == FaultKind::nak) {
        answer.meant = nak;  // refused, so not carried out
    } else if (rule && rule->kind == FaultKind::ignored && is_command(command)) {
        answer.meant = "ACK";
    } else {
        answer.meant = meant_answer(command, now);
    }
    if (!answer.meant) {
        return answer;
    }
    Exchange exchange{std::string(command), frame(*answer.meant), "", previous_frame_};
    previous_frame_ = exchange.frame;
    if (!rule) {
        answer.transmission = undamaged(exchange);
        return answer;
    }
    answer.fault = rule->kind;
    if (rule->kind == FaultKind::wrong) {
        exchange.other = other_answer(command, now);
    }
    answer.transmission = damaged(exchange, *rule, dice_);
    return answer;
}

void SimulatedDevice::add_fault(const FaultRule& rule) {
    const std::lock_guard lock(mutex_);
    faults_.add(rule);
}

void SimulatedDevice::clear_faults() {
    const std::lock_guard lock(mutex_);
    faults_.clear();
}

void SimulatedDevice::force(const ForceToken& forced) {
    const std::lock_guard lock(mutex_);
    if (forced.text) {
        forced_[forced.command][forced.token] = *forced.text;
    } else {
        forced_.erase(forced.command);
    }
}

void SimulatedDevice::fix(const FixAnswer& fixed) {
    const std::lock_guard lock(mutex_);
    if (fixed.payload) {
        fixed_[fixed.command] = *fixed.payload;
    } else {
        fixed_.erase(fixed.command);
    }
}

Result<void> SimulatedDevice::order(const PduOrder& order) {
    const std::lock_guard lock(mutex_);
    return carry_out<PduSimulator>(*model_, order, clock_.now());
}

Result<void> SimulatedDevice::order(const AtsOrder& order) {
    const std::lock_guard lock(mutex_);
    return carry_out<AtsSimulator>(*model_, order, clock_.now());
}

}  // namespace pwlog::simulator
