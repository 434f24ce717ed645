// SPDX-License-Identifier: MIT
#include "spool/record_format.h"

#include <catch2/catch.hpp>
#include <string>

#include "spool_support.h"

using namespace pwlog;
using namespace pwlog::test;

namespace {

const Timestamp some_time{std::chrono::milliseconds(1'795'367'045'123)};

/// Nine documents of the size that a PDU's cycle has.
Entry long_entry() {
    auto entry = make_entry("rack1-pdu", some_time, 9);
    for (auto& document : entry.documents) {
        document.json.insert(1, R"("ecs.version":"8.11","event.dataset":"powerwalker.outlet",)"
                                R"("device.manufacturer":"PowerWalker","host.name":"rack1",)"
                                R"("agent.type":"pwlog","powerwalker.outlet.state":"on",)"
                                R"("powerwalker.outlet.current_a":0.41,)");
    }
    return entry;
}

}  // namespace

TEST_CASE("a record gives back its entry", "[spool]") {
    const auto entry = long_entry();
    const auto record = encode_record(entry);
    REQUIRE(record);
    const auto back = decode_record(record->body, record->crc, record->size);
    REQUIRE(back);
    CHECK(back->stream == entry.stream);
    CHECK(back->time == entry.time);
    REQUIRE(back->documents.size() == 9);
    for (std::size_t i = 0; i < 9; ++i) {
        CHECK(back->documents[i].id == entry.documents[i].id);
        CHECK(back->documents[i].index == entry.documents[i].index);
        CHECK(back->documents[i].json == entry.documents[i].json);
    }
}

TEST_CASE("a cycle of nine documents takes less than a page", "[spool]") {
    const auto record = encode_record(long_entry());
    REQUIRE(record);
    CHECK(record->size > 2000);
    CHECK(record->body.size() < 900);
}

TEST_CASE("tabs in the JSON stay where they are", "[spool]") {
    auto entry = make_entry("pdu", some_time, 1);
    entry.documents[0].json = "{\"a\":\t1}";
    const auto record = encode_record(entry);
    REQUIRE(record);
    CHECK(decode_record(record->body, record->crc, record->size)->documents[0].json ==
          "{\"a\":\t1}");
}

TEST_CASE("no flipped bit of a record goes unnoticed", "[spool]") {
    const auto record = encode_record(make_entry("pdu", some_time, 3));
    REQUIRE(record);
    for (std::size_t bit = 0; bit < record->body.size() * 8; ++bit) {
        std::string body = record->body;
        body[bit / 8] = static_cast<char>(body[bit / 8] ^ (1 << (bit % 8)));
        const auto decoded = decode_record(body, record->crc, record->size);
        // A bit after the end of the last block is not used by anyone: then the entry is the same.
        CHECK((!decoded || decoded->documents[2].json == json_of(id_of("pdu", some_time, 2))));
        if (bit < 32) {
            CHECK_FALSE(decode_record(record->body, record->crc ^ (1U << bit), record->size));
            CHECK_FALSE(decode_record(record->body, record->crc, record->size ^ (1U << bit)));
        }
    }
    for (std::size_t length = 0; length < record->body.size(); ++length) {
        const auto cut = decode_record(record->body.substr(0, length), record->crc, record->size);
        REQUIRE_FALSE(cut);
        CHECK(cut.error().kind == ErrorKind::corrupt);
    }
}
