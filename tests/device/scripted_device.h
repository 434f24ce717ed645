// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "device/ats_device.h"
#include "device/pdu_device.h"
#include "device/session.h"
#include "support/pty.h"
#include "support/system_clock.h"
#include "support/temp_dir.h"

namespace pwlog::test {

/// A device on a PTY that answers from a table, at full speed, and misbehaves exactly as told.
class ScriptedDevice {
  public:
    /// What to send for one request, instead of the table's answer: bytes as they are, each after a
    /// delay.
    struct Piece {
        std::string bytes;
        std::chrono::milliseconds delay{0};
    };

    explicit ScriptedDevice(std::map<std::string, std::string> answers);
    ~ScriptedDevice();

    /// The answer to the next request of this text is `pieces`; several queue up.
    void misbehave(const std::string& request, std::vector<Piece> pieces);
    /// From now on the table says this.
    void answer(const std::string& request, const std::string& payload);

    /// All requests so far, in order.
    std::vector<std::string> requests() const;

    /// Pulls the plug and, if `again`, comes back as another PTY under the same name.
    void unplug(bool again);

    Session::Opener opener() const;

  private:
    void serve(const std::stop_token& stop);
    void reply(const std::string& request);

    TempDir folder_;
    mutable std::mutex mutex_;
    std::unique_ptr<Pty> pty_;
    std::map<std::string, std::string> answers_;
    std::map<std::string, std::vector<std::vector<Piece>>> faults_;
    std::vector<std::string> requests_;
    std::jthread thread_;
};

/// Payloads of a PDU as captured, for the table.
std::map<std::string, std::string> captured_pdu();
/// The same of an ATS.
std::map<std::string, std::string> captured_ats();

/// For tests of silence, which it soon takes for one; on a machine that is busy an answer may well
/// be later, so nobody may count what was asked.
SessionOptions quick_session();
/// For all others: an answer that comes is waited for, however long that takes.
SessionOptions patient_session();

inline const std::stop_token never;

PduDevice make_pdu(const ScriptedDevice& device, const SessionOptions& options = patient_session());
AtsDevice make_ats(const ScriptedDevice& device);

/// As a device sends it, without what guards it.
std::string framed(const std::string& payload);
template <class T>
ErrorKind kind_of_failure(const Result<T>& result) {
    REQUIRE_FALSE(result);
    return result.error().kind;
}

/// How often this was asked.
std::size_t count(const std::vector<std::string>& requests, const std::string& request);

}  // namespace pwlog::test
