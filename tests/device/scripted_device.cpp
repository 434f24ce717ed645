// SPDX-License-Identifier: MIT
#include "scripted_device.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "link/link.h"
#include "protocol/frame.h"

namespace pwlog::test {

using std::chrono::milliseconds;

std::map<std::string, std::string> captured_pdu() {
    return {
        {"QPI", "PI90"},
        {"QVFW", "VERFW:00.15"},
        {"QMD", "############PDU 1/1 230 230 1 8"},
        {"QGS", "0000000011111111 222.5 49.8 02.1 00.0 00.3 00.5 00.4 00.1 00.2 00.2 00.3 36.0"},
        {"QPW", "0246 0000 0042 0000 0080 0030 0044 0031 0000"},
        {"QPVA", "0336 0000 0078 0000 0089 0034 0050 0063 0000"},
        {"QEC", "000701.7 000000.0 000100.9 000011.8 000110.6 000198.8 000103.9 000046.2 000019.8"},
        {"QSR",
         "0 0000 000000 0 0000 000000 0 0000 000000 0 0000 000000 0 0000 000000 0 0000 000000 0 "
         "0000 "
         "000000 0 0000 000000"},
        {"S,8.1", "ACK"},
    };
}

std::map<std::string, std::string> captured_ats() {
    return {{"QPI", "PI97"},
            {"QVFW", "VERFW:00181.00"},
            {"QATS", "223.7 50.0 223.7 50.0 013 002.2 001 35.0"},
            {"QAS", "000000010000000000000000"},
            {"QRI", "230.0 016 ---.- 50.0"}};
}

SessionOptions quick_session() {
    SessionOptions options;
    options.query_gap = milliseconds(5);
    options.answer_timeout = milliseconds(300);
    options.quiet_time = milliseconds(60);
    return options;
}

SessionOptions patient_session() {
    auto options = quick_session();
    options.answer_timeout = options.least_patience = std::chrono::seconds(30);
    return options;
}

ScriptedDevice::ScriptedDevice(std::map<std::string, std::string> answers)
    : pty_(std::make_unique<Pty>()), answers_(std::move(answers)) {
    pty_->link_as(folder_.path() / "port");
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

ScriptedDevice::~ScriptedDevice() = default;

void ScriptedDevice::misbehave(const std::string& request, std::vector<Piece> pieces) {
    const std::lock_guard lock(mutex_);
    faults_[request].push_back(std::move(pieces));
}

void ScriptedDevice::answer(const std::string& request, const std::string& payload) {
    const std::lock_guard lock(mutex_);
    answers_[request] = payload;
}

std::vector<std::string> ScriptedDevice::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void ScriptedDevice::unplug(bool again) {
    const std::lock_guard lock(mutex_);
    pty_->hang_up();
    if (again) {
        pty_ = std::make_unique<Pty>();
        pty_->link_as(folder_.path() / "port");
    }
}

Session::Opener ScriptedDevice::opener() const {
    return [name = (folder_.path() / "port").string()](const std::stop_token&) {
        PortOptions options;
        options.name = name;
        return open_link(options);
    };
}

void ScriptedDevice::serve(const std::stop_token& stop) {
    std::string line;
    constexpr int look_for_stop_ms = 5;
    while (!stop.stop_requested()) {
        int master = -1;
        {
            const std::lock_guard lock(mutex_);
            master = pty_->master();
        }
        pollfd event{master, POLLIN, 0};
        if (poll(&event, 1, look_for_stop_ms) <= 0 || (event.revents & POLLIN) == 0) {
            std::this_thread::sleep_for(
                milliseconds(1));  // nobody has the port open: POLLHUP at once
            continue;
        }
        std::array<char, 64> buffer{};
        const auto count = read(master, buffer.data(), buffer.size());
        for (ssize_t i = 0; i < count; ++i) {
            if (buffer[static_cast<std::size_t>(i)] == '\r') {
                reply(std::exchange(line, {}));
            } else {
                line += buffer[static_cast<std::size_t>(i)];
            }
        }
    }
}

void ScriptedDevice::reply(const std::string& request) {
    std::vector<Piece> pieces;
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        const auto known = answers_.find(request);
        pieces = {{frame(known == answers_.end() ? "NAK" : known->second), milliseconds(0)}};
        if (auto& queue = faults_[request]; !queue.empty()) {
            pieces = queue.front();
            queue.erase(queue.begin());
        }
    }
    for (const auto& piece : pieces) {
        std::this_thread::sleep_for(piece.delay);
        const std::lock_guard lock(mutex_);
        if (pty_->master() >= 0) {
            pty_->write(piece.bytes);
        }
    }
}

PduDevice make_pdu(const ScriptedDevice& device, const SessionOptions& options) {
    return {Session(device.opener(), pdu::protocol_id, options, system_clock), system_clock};
}

AtsDevice make_ats(const ScriptedDevice& device) {
    return {Session(device.opener(), ats::protocol_id, patient_session(), system_clock),
            system_clock};
}

std::string framed(const std::string& payload) { return "(" + payload + "\r"; }

std::size_t count(const std::vector<std::string>& requests, const std::string& request) {
    return static_cast<std::size_t>(std::count(requests.begin(), requests.end(), request));
}

}  // namespace pwlog::test
