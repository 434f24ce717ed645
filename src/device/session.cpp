#include "device/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/printable.h"
#include "protocol/frame.h"
#include "protocol/identity.h"

namespace pwlog {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t read_at_once = 256;
constexpr std::size_t most_noise = 2048;  // before an answer; more is no answer at all
constexpr int identity_tries = 4;
constexpr auto longest_drain = std::chrono::seconds(3);

nanoseconds wire_time(std::size_t bytes) {
    return duration_cast<nanoseconds>(std::chrono::duration<double>(wire_seconds(bytes)));
}

bool is_padding(char byte) { return byte == '\0' || byte == '\n' || byte == '\r'; }

}  // namespace

Session::Session(Opener open, std::string_view protocol_id, const SessionOptions& options,
                 const Clock& clock)
    : open_(std::move(open)), protocol_id_(protocol_id), options_(options), clock_(clock) {}

void Session::close() {
    link_.reset();
    in_step_ = false;
}

Result<void> Session::connect(const std::stop_token& stop) {
    if (!link_) {
        auto link = open_();
        if (!link) {
            return pass_on(link);
        }
        link_ = std::move(*link);
        patience_ = {};
        pace_ = {};
        ++counters_.opens;
        in_step_ = false;
    }
    return in_step_ ? Result<void>{} : resynchronise(stop);
}

Result<Answer> Session::ask(std::string_view question, std::size_t payload_bytes,
                            const Accept& accept, const std::stop_token& stop) {
    bool reopened = false;
    Result<Answer> answer = fail(ErrorKind::timeout, "not asked");
    for (int attempt = 0; attempt <= options_.retries; ++attempt) {
        auto ready = become_ready(stop);
        answer = ready ? ask_once(question, payload_bytes, accept, stop) : pass_on(ready);
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

Result<Answer> Session::ask_once(std::string_view question, std::size_t payload_bytes,
                                 const Accept& accept, const std::stop_token& stop) {
    auto sent = send(question, stop);
    if (!sent) {
        return fail(sent.error().kind, note(sent.error()).message);
    }
    auto answer = receive(question, payload_bytes, stop);
    if (answer) {
        if (answer->payload == nak) {
            answer =
                fail(ErrorKind::refused, fmt::format("{} on {}: NAK", question, link_->name()));
        } else if (auto accepted = accept(answer->payload); !accepted) {
            answer = fail(accepted.error().kind,
                          fmt::format("{} ({})", accepted.error().message, link_->name()));
        }
    }
    if (!answer) {
        return fail(answer.error().kind, note(answer.error()).message);
    }
    return answer;
}

Result<void> Session::command(const pdu::SetCommand& command, const std::stop_token& stop) {
    if (auto ready = become_ready(stop); !ready) {
        return ready;
    }
    constexpr std::size_t acknowledgement_bytes = 3;
    if (auto sent = send(command.text(), stop); !sent) {
        return fail(sent.error().kind, note(sent.error()).message);
    }
    auto answer = receive(command.text(), acknowledgement_bytes, stop);
    if (!answer) {
        return fail(answer.error().kind, note(answer.error()).message);
    }
    auto done = decode_acknowledgement(command.text(), answer->payload);
    if (!done && done.error().kind == ErrorKind::garbled) {
        return fail(ErrorKind::garbled, note(done.error()).message);
    }
    return done;
}

/// Open, in step, and silent for the whole gap.
Result<void> Session::become_ready(const std::stop_token& stop) {
    if (auto connected = connect(stop); !connected) {
        return connected;
    }
    auto quiet = keep_gap(stop);
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
        return done;
    }
    return fail(done.error().kind, note(done.error()).message);
}

/// Drains, asks QPI and waits for its answer; late answers to older questions that come instead are
/// passed over. Once QPI has been answered nothing older can follow, as the device answers in
/// order.
Result<void> Session::check_identity(const std::stop_token& stop) {
    Result<void> outcome = fail(ErrorKind::timeout, "QPI not asked");
    for (int attempt = 0; attempt < identity_tries; ++attempt) {
        if (auto quiet = drain(stop); !quiet) {
            return quiet;
        }
        if (auto sent = send(qpi.text, stop); !sent) {
            return sent;
        }
        auto answer = receive(qpi.text, qpi.payload_bytes, stop);
        auto id = answer ? decode_protocol_id(answer->payload) : pass_on(answer);
        if (id && *id == protocol_id_) {
            return {};
        }
        if (id) {
            outcome =
                fail(ErrorKind::wrong_device,
                     fmt::format("{} answers {} to QPI where {} was expected: {} is on this port",
                                 link_->name(), *id, protocol_id_,
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

/// Reads and forgets until the line has been silent for `quiet_time`; after a time-out it has been
/// already.
Result<void> Session::drain(const std::stop_token& stop) {
    const auto give_up = clock_.steady_now() + longest_drain;
    std::array<char, read_at_once> buffer{};
    while (clock_.steady_now() < give_up) {
        auto count = link_->read(buffer, last_heard_ + options_.quiet_time, stop);
        if (!count && count.error().kind == ErrorKind::timeout) {
            return {};
        }
        if (!count) {
            return pass_on(count);
        }
        last_heard_ = clock_.steady_now();
    }
    return fail(ErrorKind::garbled, fmt::format("{} does not fall silent", link_->name()));
}

/// Waits out the gap with an ear on the line: bytes that come now belong to no question (a doubled
/// or late answer), and what follows them would be taken for the next answer.
Result<void> Session::keep_gap(const std::stop_token& stop) {
    std::array<char, read_at_once> buffer{};
    while (clock_.steady_now() < gap_ends_) {
        auto count = link_->read(buffer, gap_ends_, stop);
        if (!count && count.error().kind == ErrorKind::timeout) {
            break;
        }
        if (!count) {
            return pass_on(count);
        }
        last_heard_ = clock_.steady_now();
        const auto stray = std::span(buffer).first(*count);
        if (!std::all_of(stray.begin(), stray.end(), is_padding)) {
            return fail(ErrorKind::garbled,
                        fmt::format("{}: bytes nobody asked for: '{}'", link_->name(),
                                    printable({stray.data(), stray.size()})));
        }
    }
    return {};
}

Result<void> Session::send(std::string_view question, const std::stop_token& stop) {
    if (auto discarded = link_->discard_input(); !discarded) {
        return discarded;
    }
    const std::string request = std::string(question) + "\r";
    const auto on_wire = wire_time(request.size());
    auto written =
        link_->write(request, clock_.steady_now() + on_wire + options_.answer_timeout, stop);
    // A write, and tcdrain on a PTY too, returns before the bytes are through: count their time
    // from here.
    request_ends_ = clock_.steady_now() + on_wire;
    return written;
}

Result<Answer> Session::receive(std::string_view question, std::size_t payload_bytes,
                                const std::stop_token& stop) {
    constexpr std::size_t framing = 2;
    const auto first_byte = request_ends_ + patience_.for_first_byte(options_.answer_timeout);
    // Room for noise before the answer and for a slow giver, but an end all the same.
    const auto last_byte =
        first_byte + 2 * wire_time(payload_bytes + framing) + options_.byte_timeout;
    FrameReader reader;
    std::string heard;
    SteadyTime began;
    std::array<char, read_at_once> buffer{};
    while (true) {
        if (reader.inside() && heard.size() < payload_bytes + framing) {
            const auto wait = pace_.certain_wait(payload_bytes + framing - heard.size());
            if (wait.count() > 0) {
                (void)clock_.wait_until(last_heard_ + wait, stop);  // a stop shows in read()
            }
        }
        const auto deadline =
            heard.empty() ? first_byte
                          : std::min(last_byte, clock_.steady_now() + options_.byte_timeout);
        auto count = link_->read(buffer, deadline, stop);
        if (!count && count.error().kind == ErrorKind::timeout && !heard.empty()) {
            return fail(ErrorKind::garbled, fmt::format("{} on {}: answer cut off after '{}'",
                                                        question, link_->name(), printable(heard)));
        }
        if (!count) {
            return fail(count.error().kind, fmt::format("{} on {}: {}", question, link_->name(),
                                                        count.error().message));
        }
        last_heard_ = clock_.steady_now();
        if (heard.empty()) {
            began = last_heard_;
            patience_.learn(began - request_ends_);
        }
        for (std::size_t i = 0; i < *count; ++i) {
            if (auto payload = reader.feed(buffer[i])) {
                gap_ends_ = last_heard_ + options_.query_gap;
                pace_.learn(heard.size() + i + 1, last_heard_ - began);
                return Answer{std::move(*payload), clock_.wall_now()};
            }
        }
        heard.append(buffer.data(), *count);
        if (heard.size() > most_noise) {
            return fail(ErrorKind::garbled,
                        fmt::format("{} on {}: {} bytes and no answer among them: '{}'", question,
                                    link_->name(), heard.size(), printable(heard)));
        }
    }
}

}  // namespace pwlog
