// SPDX-License-Identifier: MIT
#include "protocol/frame.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "protocol/ats.h"
#include "protocol/pdu.h"

using namespace pwlog;
using Payloads = std::vector<std::string>;

namespace {

Payloads read_all(FrameReader& reader, std::string_view bytes) {
    Payloads payloads;
    for (const char byte : bytes) {
        if (auto payload = reader.feed(byte)) {
            payloads.push_back(*payload);
        }
    }
    return payloads;
}

Payloads read_all(std::string_view bytes) {
    FrameReader reader;
    return read_all(reader, bytes);
}

}  // namespace

TEST_CASE("an answer ends at its CR and not a byte earlier", "[protocol]") {
    FrameReader reader;
    CHECK(read_all(reader, "(PI90").empty());
    CHECK(reader.inside());
    CHECK(reader.feed('\r') == std::optional<std::string>("PI90"));
    CHECK_FALSE(reader.inside());
}

TEST_CASE("noise, NULs and line feeds before an answer are skipped", "[protocol]") {
    const std::string before =
        GENERATE(std::string("\xff\x80*#"), std::string("\0\0\0", 3), std::string("\r\n"),
                 std::string(") PI97\r"), std::string("\n"));
    CHECK(read_all(before + "(PI90\r") == Payloads{"PI90"});
}

TEST_CASE("every byte but a parenthesis can stand before an answer", "[protocol]") {
    for (int byte = 0; byte < 256; ++byte) {
        INFO(byte);
        const std::string noise(3, static_cast<char>(byte));
        CHECK(read_all(noise + "(PI90\r") == Payloads{"PI90"});
    }
}

TEST_CASE("a byte that no answer holds refuses the whole answer, not itself alone", "[protocol]") {
    // A framing error comes as NUL: 258 V must not become 28 V.
    for (int byte = 0; byte < 256; ++byte) {
        if ((byte >= ' ' && byte <= '~') || byte == '\r') {
            continue;
        }
        INFO(byte);
        const std::string damage(1, static_cast<char>(byte));
        CHECK(read_all("(02" + damage + "8\r(PI90\r") == Payloads{"PI90"});
        CHECK(read_all("(028" + damage + "\r(PI90\r") == Payloads{"PI90"});
        CHECK(read_all("(" + damage + "028\r(PI90\r") == Payloads{"PI90"});
    }
}

TEST_CASE("a line feed behind the CR belongs to nothing", "[protocol]") {
    CHECK(read_all("(PI90\r\n(VERFW:00.15\r\n") == Payloads{"PI90", "VERFW:00.15"});
}

TEST_CASE("a second parenthesis starts the answer anew", "[protocol]") {
    CHECK(read_all("(0246 00(PI90\r") == Payloads{"PI90"});
    CHECK(read_all("((PI90\r") == Payloads{"PI90"});
}

TEST_CASE("a doubled answer is two answers, each whole", "[protocol]") {
    CHECK(read_all("(PI90\r(PI90\r") == Payloads{"PI90", "PI90"});
}

TEST_CASE("an empty answer is an empty payload, which no decoder takes", "[protocol]") {
    CHECK(read_all("(\r") == Payloads{""});
}

TEST_CASE("64 kB without an end stay bounded, and the answer behind them is found", "[protocol]") {
    FrameReader reader;
    CHECK(read_all(reader, "(" + std::string(64 * 1024, '0')).empty());
    CHECK_FALSE(reader.inside());
    CHECK(read_all(reader, "\r").empty());
    CHECK(read_all(reader, "(PI90\r") == Payloads{"PI90"});
}

TEST_CASE("the longest payload is taken, one byte more is dropped whole", "[protocol]") {
    const std::string longest(FrameReader::longest_payload, '7');
    CHECK(read_all(frame(longest)) == Payloads{longest});
    CHECK(read_all(frame(longest + "7")).empty());
}

TEST_CASE("the longest known answer fits twice over nearly", "[protocol]") {
    for (const auto& query : {pdu::qmd, pdu::qgs, pdu::qpw, pdu::qpva, pdu::qec, pdu::qsr,
                              ats::qats, ats::qas, ats::qri, qpi, qvfw}) {
        CHECK(query.payload_bytes <= FrameReader::longest_payload);
    }
}

TEST_CASE("it does not matter how many bytes come at once", "[protocol]") {
    const std::string stream = "\n(PI90\r\n(0246 0000\r";
    for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
        FrameReader reader;
        Payloads payloads;
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            for (auto& payload : read_all(reader, std::string_view(stream).substr(at, piece))) {
                payloads.push_back(payload);
            }
        }
        CHECK(payloads == Payloads{"PI90", "0246 0000"});
    }
}

TEST_CASE("reset forgets what was begun", "[protocol]") {
    FrameReader reader;
    CHECK(read_all(reader, "(0246").empty());
    reader.reset();
    CHECK_FALSE(reader.inside());
    CHECK(read_all(reader, " 0000\r").empty());
}

TEST_CASE("a frame is what its reader reads", "[protocol]") {
    CHECK(frame("PI90") == "(PI90\r");
    CHECK(read_all(frame("222.5 49.8")) == Payloads{"222.5 49.8"});
}

TEST_CASE("a cycle's wire time is the bytes of its questions and answers at ten bits each",
          "[protocol]") {
    CHECK(wire_seconds(240) == Approx(1.0));
    const double cycle = pdu::qgs.wire_seconds() + pdu::qpw.wire_seconds() +
                         pdu::qpva.wire_seconds() + pdu::qec.wire_seconds();
    CHECK(cycle == Approx(1.1).margin(0.05));
    CHECK(cycle + pdu::qsr.wire_seconds() == Approx(1.6).margin(0.05));
    CHECK(ats::qats.wire_seconds() + ats::qas.wire_seconds() == Approx(0.32).margin(0.01));
}
