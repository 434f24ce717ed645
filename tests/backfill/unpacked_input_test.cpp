// SPDX-License-Identifier: MIT
#include <bzlib.h>
#include <lzma.h>

#include <array>
#include <catch2/catch.hpp>

#include "backfill/input/byte_input.h"
#include "packed.h"
#include "support/temp_dir.h"

using namespace pwlog;
using pwlog::test::TempDir;

namespace {

std::string xz(std::string_view plain) {
    std::string packed(lzma_stream_buffer_bound(plain.size()), '\0');
    std::size_t size = 0;
    REQUIRE(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr,
                                    reinterpret_cast<const std::uint8_t*>(plain.data()),
                                    plain.size(), reinterpret_cast<std::uint8_t*>(packed.data()),
                                    &size, packed.size()) == LZMA_OK);
    return packed.substr(0, size);
}

std::string bzip2(std::string_view plain) {
    std::string input(plain);
    std::string packed(plain.size() + plain.size() / 100 + 600, '\0');
    auto size = static_cast<unsigned>(packed.size());
    REQUIRE(BZ2_bzBuffToBuffCompress(packed.data(), &size, input.data(),
                                     static_cast<unsigned>(input.size()), 1, 0, 0) == BZ_OK);
    return packed.substr(0, size);
}

std::string utf16(std::string_view ascii, bool big_endian) {
    std::string wide = big_endian ? "\xfe\xff" : "\xff\xfe";
    for (const char c : ascii) {
        wide += big_endian ? std::string{'\0', c} : std::string{c, '\0'};
    }
    return wide;
}

std::string text_of(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) {
        text += std::to_string(i * 7919) + "\n";
    }
    return text.substr(0, size);
}

struct Unpacked {
    std::string text;
    std::string damage;
};

/// In pieces of odd sizes, as any reader may ask for.
Unpacked unpack(std::string_view bytes, std::size_t from = 0) {
    const TempDir folder;
    const auto input = open_input(folder.write("input", bytes).string());
    REQUIRE(input);
    if (from > 0) {
        REQUIRE((*input)->skip_to(from));
    }
    Unpacked unpacked;
    std::array<char, 70'000> buffer{};
    for (std::size_t size = 1;; size = size * 3 % buffer.size() + 1) {
        const auto count = (*input)->read(buffer.data(), size);
        REQUIRE(count);
        if (*count == 0) {
            unpacked.damage = (*input)->damage();
            return unpacked;
        }
        unpacked.text.append(buffer.data(), *count);
    }
}

using Packer = std::string (*)(std::string_view);

const std::array packers{std::pair<const char*, Packer>{"gzip", test::gzip},
                         std::pair<const char*, Packer>{"zstd", test::zstd},
                         std::pair<const char*, Packer>{"xz", xz},
                         std::pair<const char*, Packer>{"bzip2", bzip2}};

}  // namespace

TEST_CASE("packed input is recognised by its content, members follow each other", "[backfill]") {
    for (const auto& [name, pack] : packers) {
        CAPTURE(name);
        for (const std::size_t size : {0, 1, 5, 65'536, 300'000}) {
            const auto text = text_of(size);
            const auto once = unpack(pack(text));
            CHECK(once.text == text);
            CHECK(once.damage.empty());
            const auto twice = unpack(pack(text) + pack("again"));
            CHECK(twice.text == text + "again");
            CHECK(twice.damage.empty());
        }
        CHECK(unpack(pack(text_of(300'000)), 123'456).text == text_of(300'000).substr(123'456));
        CHECK(unpack(pack("padded") + std::string(512, '\0')).text == "padded");
        CHECK(unpack(pack("padded") + std::string(512, '\0')).damage.empty());
    }
    CHECK(unpack("plain").text == "plain");
}

TEST_CASE("a frame of zstd that is to be skipped may come first", "[backfill]") {
    using namespace std::string_literals;
    const auto skipped = "\x5a\x2a\x4d\x18\x04\0\0\0abcd"s;
    CHECK(unpack(skipped + test::zstd("text")).text == "text");
}

TEST_CASE("what was recorded before a power cut comes out, and the cut is told", "[backfill]") {
    const auto text = text_of(30'000);
    for (const auto& [name, pack] : packers) {
        CAPTURE(name);
        const auto whole = pack(text);
        const auto cut = unpack(whole.substr(0, whole.size() - 1));
        CHECK(cut.text == text);  // only the checksum lacks
        CHECK_THAT(cut.damage, Catch::Contains(std::string(name) + " data break off"));
        const auto early = unpack(whole.substr(0, 3));
        CHECK(early.text.size() <= 3);
        const auto followed = unpack(whole + "something else");
        CHECK(followed.text == text);
        CHECK_THAT(followed.damage, Catch::Contains("follows") || Catch::Contains("break off"));
        auto flipped = whole;
        flipped[flipped.size() / 2] = static_cast<char>(~flipped[flipped.size() / 2]);
        CHECK_FALSE(unpack(flipped).damage.empty());
    }
    const auto half = test::gzip(text);
    CHECK(unpack(half.substr(0, half.size() / 2)).text.size() > 10'000);
}

TEST_CASE("UTF-16 is read, packed or not", "[backfill]") {
    const auto text = text_of(50'000);
    const std::string mark = "\xef\xbb\xbf";
    for (const bool big : {false, true}) {
        CHECK(unpack(utf16(text, big)).text == mark + text);
        CHECK(unpack(test::gzip(utf16(text, big))).text == mark + text);
    }
    const auto cut = unpack(utf16("ab", false) + "c");
    CHECK(cut.text == mark + "ab");
    CHECK_THAT(cut.damage, Catch::Contains("break off"));
    CHECK(unpack("\xff\xfe\xac\x20").text == mark + "\xe2\x82\xac");
}

TEST_CASE("what cannot be unpacked here is refused with what to do", "[backfill]") {
    const TempDir folder;
    const auto why = [&](std::string_view bytes) {
        const auto input = open_input(folder.write("input", bytes).string());
        REQUIRE_FALSE(input);
        return input.error().message;
    };
    CHECK_THAT(why("PK\x03\x04rest"), Catch::Contains("unzip -p"));
    CHECK_THAT(why("7z\xbc\xaf\x27\x1c"), Catch::Contains("7z"));
    CHECK_THAT(why("SQLite format 3"), Catch::Contains("export"));
}
