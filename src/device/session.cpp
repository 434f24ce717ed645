// SPDX-License-Identifier: MIT
#include "device/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "protocol/identity.h"

namespace pwlog {
namespace {

constexpr int identity_tries = 4;
constexpr std::size_t acknowledgement_bytes = 3;

}  // namespace

Session::Session(Opener open, std::string_view protocol_id, const SessionOptions& options,
                 const Clock& clock)
    : open_(std::move(open)), protocol_id_(protocol_id), options_(options), clock_(clock) {}

void Session::close() {
    line_.reset();
    in_step_ = false;
}

Result<void> Session::connect(const std::stop_token& stop) {
    if (!line_) {
        auto link = open_(stop);
        if (!link) {
            return pass_on(link);
        }
        line_.emplace(std::move(*link), options_, clock_);
        ++counters_.opens;
        in_step_ = false;
    }
    return in_step_ ? Result<void>{} : resynchronise(stop);
}

Result<Answer> Session::ask(std::string_view question, std::size_t payload_bytes,
                            const Accept& accept, const std::stop_token& stop) {
    const Query query{question, payload_bytes};
    bool reopened = false;
    Result<Answer> answer = fail(ErrorKind::timeout, "not asked");
    for (int attempt = 0; attempt <= options_.retries; ++attempt) {
        auto ready = become_ready_for(query, stop);
        answer = ready ? ask_once(query, accept, stop) : pass_on(ready);
        if (answer || (!ready && ready.error().kind != ErrorKind::gone)) {
            return answer;  // the way back has tries of its own: what fails there is not worth more
        }
        switch (answer.error().kind) {
            case ErrorKind::timeout:
            case ErrorKind::garbled:
            case ErrorKind::refused:
                break;
            case ErrorKind::gone:  // plugged in again under the same name, perhaps: look once
                close();
                if (reopened) {
                    return answer;
                }
                reopened = true;
                break;
            default:
                return answer;
        }
    }
    return answer;
}

Result<void> Session::send(const Query& query, const std::stop_token& stop) {
    identities_owed_ += query.text == qpi.text ? 1 : 0;
    last_asked_ = query.text;
    last_payload_bytes_ = query.payload_bytes;
    return line_->send(query.text, stop);
}

Result<Answer> Session::ask_once(const Query& query, const Accept& accept,
                                 const std::stop_token& stop) {
    auto sent = send(query, stop);
    if (!sent) {
        return fail(sent.error().kind, note(sent.error()).message);
    }
    auto answer =
        line_->receive(query.text, query.payload_bytes, DeviceLine::Wait::as_learned, stop);
    if (answer) {
        if (answer->payload == nak) {
            answer =
                fail(ErrorKind::refused, fmt::format("{} on {}: NAK", query.text, line_->name()));
        } else if (auto accepted = accept(answer->payload); !accepted) {
            answer = fail(accepted.error().kind,
                          fmt::format("{} ({})", accepted.error().message, line_->name()));
        }
    }
    if (!answer) {
        return fail(answer.error().kind, note(answer.error()).message);
    }
    identities_owed_ = 0;
    return answer;
}

CommandResult Session::command(const pdu::SetCommand& command, const pdu::LivePermit& permit,
                               const std::stop_token& stop) {
    using Stage = CommandResult::Stage;
    const Query query{command.text(), acknowledgement_bytes};
    if (auto ready = become_ready_for(query, stop); !ready) {
        return {Stage::not_sent, std::move(ready)};
    }
    if (stop.stop_requested()) {
        return {Stage::not_sent, fail(ErrorKind::stopped, "asked to stop before it was sent")};
    }
    bool was_allowed = false;
    auto sent = permit.send(command, [&] {
        was_allowed = true;
        return send(query, {});
    });
    if (!was_allowed) {
        return {Stage::not_sent, std::move(sent)};
    }
    if (!sent) {
        // A port that is gone has not taken the carriage return, without which nothing is carried
        // out. What else fails may fail behind the last byte (a USB transfer without its status).
        const auto stage = sent.error().kind == ErrorKind::gone ? Stage::not_sent : Stage::sent;
        return {stage, tl::unexpected(note(sent.error()))};
    }
    auto answer =
        line_->receive(query.text, query.payload_bytes, DeviceLine::Wait::as_configured, {});
    if (!answer) {
        return {Stage::sent, tl::unexpected(note(answer.error()))};
    }
    auto done = decode_acknowledgement(query.text, answer->payload);
    if (!done && done.error().kind == ErrorKind::garbled) {
        return {Stage::sent, tl::unexpected(note(done.error()))};
    }
    return {Stage::answered, std::move(done)};
}

/// A device or an adapter may repeat an answer when the gap is over. Where the next question's
/// looks like it, it would pass for that, and each answer from then on for the next one's: so QPI
/// goes between, whose answer looks like no other.
Result<void> Session::become_ready_for(const Query& next, const std::stop_token& stop) {
    auto ready = become_ready(stop);
    if (!ready || next.payload_bytes != last_payload_bytes_ || next.text == last_asked_) {
        return ready;
    }
    const auto is_identity = [this](std::string_view payload) -> Result<void> {
        return payload == identity_
                   ? Result<void>{}
                   : fail(ErrorKind::garbled,
                          fmt::format("QPI: '{}' instead of {}", printable(payload), identity_));
    };
    (void)ask_once(qpi, is_identity, stop);  // a failure is noted, and a reason to resynchronise
    return become_ready(stop);
}

/// Open, in step, and silent for the whole gap.
Result<void> Session::become_ready(const std::stop_token& stop) {
    if (auto connected = connect(stop); !connected) {
        return connected;
    }
    auto quiet = line_->keep_gap(stop);
    if (quiet) {
        return quiet;
    }
    const Error error = note(quiet.error());
    return error.kind == ErrorKind::garbled ? connect(stop) : fail(error.kind, error.message);
}

/// Counts an error and remembers that the line is no longer in step.
Error Session::note(Error error) {
    in_step_ = false;
    switch (error.kind) {
        case ErrorKind::timeout:
            ++counters_.timeouts;
            break;
        case ErrorKind::garbled:
            ++counters_.garbled;
            break;
        case ErrorKind::refused:
            ++counters_.refused;
            break;
        case ErrorKind::gone:
            close();
            break;
        default:
            break;
    }
    return error;
}

Result<void> Session::resynchronise(const std::stop_token& stop) {
    ++counters_.resyncs;
    auto done = check_identity(stop);
    if (done) {
        in_step_ = true;
        silences_ = 0;
        silences_to_reopen_ = first_silences_to_reopen;
        return done;
    }
    const Error error = note_silence(note(done.error()));
    return fail(error.kind, error.message);
}

/// Closes a port that has been silent often enough.
Error Session::note_silence(Error error) {
    if (error.kind == ErrorKind::timeout && ++silences_ >= silences_to_reopen_) {
        error.message += "; the port is closed now, and will be reopened";
        silences_ = 0;
        silences_to_reopen_ = std::min(2 * silences_to_reopen_, int{most_silences_to_reopen});
        close();
    } else if (error.kind != ErrorKind::timeout) {
        silences_ = 0;
    }
    return error;
}

/// It speaks, so what it still owes comes as soon as any answer.
Result<void> Session::await_other_identities(const std::stop_token& stop) {
    auto quiet =
        identities_owed_ == 1 ? Result<void>{} : line_->drain(options_.answer_timeout, stop);
    if (quiet) {
        identities_owed_ = 0;
    }
    return quiet;
}

/// Drains, asks QPI and waits for its answer; late answers to older questions that come instead are
/// passed over. Once QPI has been answered nothing older can follow, as the device answers in
/// order.
Result<void> Session::check_identity(const std::stop_token& stop) {
    Result<void> outcome = fail(ErrorKind::timeout, "QPI not asked");
    for (int attempt = 0; attempt < identity_tries; ++attempt) {
        if (auto quiet = line_->drain(options_.quiet_time, stop); !quiet) {
            return quiet;
        }
        if (auto sent = send(qpi, stop); !sent) {
            return sent;
        }
        auto answer =
            line_->receive(qpi.text, qpi.payload_bytes, DeviceLine::Wait::as_configured, stop);
        auto id = answer ? decode_protocol_id(answer->payload) : pass_on(answer);
        const bool is_ours = id && (*id == pdu::protocol_id || *id == ats::protocol_id);
        if (id && (*id == protocol_id_ || (protocol_id_.empty() && is_ours))) {
            identity_ = *id;
            return await_other_identities(stop);
        }
        if (id) {
            outcome =
                fail(ErrorKind::wrong_device,
                     fmt::format("{} answers {} to QPI where {} was expected: {} is on this port",
                                 line_->name(), *id,
                                 protocol_id_.empty() ? "PI90 or PI97" : protocol_id_,
                                 *id == pdu::protocol_id   ? "a PDU"
                                 : *id == ats::protocol_id ? "an ATS"
                                                           : "another device"));
        } else if (id.error().kind != ErrorKind::timeout && id.error().kind != ErrorKind::garbled) {
            return pass_on(id);
        } else if (outcome.error().kind != ErrorKind::wrong_device) {
            outcome = pass_on(id);
        }
    }
    return outcome;
}

}  // namespace pwlog
