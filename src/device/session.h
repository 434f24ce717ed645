// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "device/device_line.h"
#include "link/link.h"
#include "protocol/live_permit.h"
#include "protocol/query.h"

namespace pwlog {

struct SessionOptions : LineOptions {
    /// Further tries after the first.
    int retries = 2;
};

/// What a session has been through since it was made; all only grow.
struct SessionCounters {
    std::uint64_t timeouts = 0;
    std::uint64_t garbled = 0;  ///< undecodable answers and bytes nobody asked for
    std::uint64_t refused = 0;  ///< NAK to a query
    std::uint64_t resyncs = 0;
    std::uint64_t opens = 0;
    std::uint64_t errors() const { return timeouts + garbled + refused; }
};

/// How far a command came, told by who sent it: no error's kind says so.
struct CommandResult {
    enum class Stage {
        not_sent,  ///< the device has not got it
        sent,      ///< it has, and perhaps carried it out: no answer that could be read
        answered,  ///< ACK, or NAK as an error of kind `refused`
    };
    Stage stage = Stage::not_sent;
    Result<void> done;
};

/// Question and answer with one device over one link: a single request in flight, retries, and the
/// way back after damage. Answers do not name their question and two of the PDU's look alike, so
/// after anything odd the line is drained until it is quiet and the device must answer QPI before
/// another number is believed. It answers in order, so that answer is older than no other; where
/// several QPI were asked it may be the first one's, and the line has to be silent for as long as
/// an answer may take. A port on which nothing comes back is closed after a few tries and
/// opened anew by its name, for an adapter can stall, and a connection die, without any error;
/// ever more seldom while that helps nothing. One thread at a time.
class Session {
  public:
    /// A stop ends what it waits for.
    using Opener = std::function<Result<std::unique_ptr<Link>>(const std::stop_token& stop)>;

    /// `protocol_id`: what QPI must answer, PI90 or PI97; empty: either.
    Session(Opener open, std::string_view protocol_id, const SessionOptions& options,
            const Clock& clock);

    /// Opens the port if it is not open and makes sure that the right device answers.
    /// `wrong_device` where another protocol answers; the link's own errors where it cannot be
    /// opened.
    Result<void> connect(const std::stop_token& stop);

    /// Asks until an answer passes `accept`, which returns the error that makes an answer unusable.
    /// The port is opened, and opened again once if it vanished under the question.
    using Accept = std::function<Result<void>(std::string_view payload)>;
    Result<Answer> ask(std::string_view question, std::size_t payload_bytes, const Accept& accept,
                       const std::stop_token& stop);

    /// Sends a command that changes something, once: it is never repeated. `permit` is asked when
    /// the bytes are about to go out; from then on a stop is heard only behind the answer, which is
    /// less than a second away: half a command must not stay in the device.
    CommandResult command(const pdu::SetCommand& command, const pdu::LivePermit& permit,
                          const std::stop_token& stop);

    /// What QPI answered last; empty before.
    const std::string& identity() const { return identity_; }
    bool is_open() const { return line_.has_value(); }
    void close();
    const SessionCounters& counters() const { return counters_; }

  private:
    Result<void> become_ready_for(const Query& next, const std::stop_token& stop);
    Result<void> become_ready(const std::stop_token& stop);
    Result<void> send(const Query& query, const std::stop_token& stop);
    Result<void> resynchronise(const std::stop_token& stop);
    Result<void> check_identity(const std::stop_token& stop);
    Result<void> await_other_identities(const std::stop_token& stop);
    Result<Answer> ask_once(const Query& query, const Accept& accept, const std::stop_token& stop);
    Error note(Error error);
    Error note_silence(Error error);

    static constexpr int first_silences_to_reopen = 3;
    static constexpr int most_silences_to_reopen = 48;

    Opener open_;
    std::string protocol_id_;
    std::string identity_;
    SessionOptions options_;
    const Clock& clock_;
    std::optional<DeviceLine> line_;
    bool in_step_ = false;    // the last answer belonged to the last question
    std::string last_asked_;  // a query or a command, and how long its answer is
    std::size_t last_payload_bytes_ = 0;
    int identities_owed_ = 0;  // QPI that were asked and may still be answered
    int silences_ = 0;         // tries to get in step on this opening to which nothing came back
    int silences_to_reopen_ = first_silences_to_reopen;
    SessionCounters counters_;
};

}  // namespace pwlog
