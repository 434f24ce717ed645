// SPDX-License-Identifier: MIT
#include "simulator/capture_simulator.h"

#include "protocol/memory.h"
#include "simulator/ats_simulator.h"
#include "simulator/pdu_simulator.h"

namespace pwlog::simulator {
namespace {

template <class Model>
void add_memory(std::map<std::string, std::string, std::less<>>& answers, int words,
                std::string (*query)(int)) {
    const Moment start{};
    Model factory_new(0, start);
    for (int address = 0; address < words; ++address) {
        answers[query(address)] = factory_new.answer(query(address), start).value_or("NAK");
    }
}

}  // namespace

CaptureSimulator CaptureSimulator::pdu() {
    Answers answers{
        {"QPI", "PI90"},
        {"QVFW", "VERFW:00.15"},
        {"QMD", "############PDU 1/1 230 230 1 8"},
        {"QGS", "0000000011111111 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0"},
        {"QPW", "0246 0000 0042 0000 0080 0030 0044 0031 0000"},
        {"QPVA", "0336 0000 0078 0000 0089 0034 0050 0063 0000"},
        {"QEC", "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8"},
        {"QSR",
         "0 0000 000000 0 0000 000000 0 0000 000000 0 0000 000000 0 0000 000000 0 0000 000000 "
         "0 0000 000000 0 0000 000000"}};
    add_memory<PduSimulator>(answers, pdu::memory_words, pdu::memory_query);
    return {std::move(answers), true};
}

CaptureSimulator CaptureSimulator::ats() {
    Answers answers{{"QPI", "PI97"},
                    {"QVFW", "VERFW:00181.00"},
                    {"QATS", "223.7 50.0 223.7 50.0 013 002.2 001 35.0"},
                    {"QAS", "000000010000000000000000"},
                    {"QRI", "230.0 016 ---.- 50.0"}};
    add_memory<AtsSimulator>(answers, ats::memory_words, ats::memory_query);
    return {std::move(answers), false};
}

std::optional<std::string> CaptureSimulator::answer(std::string_view command, const Moment&) {
    if (command.empty()) {
        return std::nullopt;
    }
    if (const auto known = answers_.find(command); known != answers_.end()) {
        return known->second;
    }
    const bool set_command = command == "CEC" || command == "TP" || command.starts_with("S,") ||
                             command.starts_with("CS,");
    return takes_commands_ && set_command ? "ACK" : "NAK";
}

std::vector<std::string> CaptureSimulator::queries() const {
    std::vector<std::string> all;
    for (const auto& [query, answer] : answers_) {
        if (query.find("GM") == std::string::npos) {
            all.push_back(query);
        }
    }
    return all;
}

}  // namespace pwlog::simulator
