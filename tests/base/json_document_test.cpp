// SPDX-License-Identifier: MIT
#include "base/json_document.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>

#include "support/paths.h"

using namespace pwlog;

namespace {

std::string nested(int depth, const std::string& opening, const std::string& closing) {
    std::string text;
    for (int i = 0; i < depth; ++i) {
        text += opening;
    }
    text += "1";
    for (int i = 0; i < depth; ++i) {
        text += closing;
    }
    return text;
}

std::string problem(const std::string& text, std::size_t longest = json::longest_text) {
    rapidjson::Document document;
    const auto parsed = json::parse(document, text, longest);
    CHECK(document.IsNull() == !parsed.has_value());
    return parsed ? std::string() : parsed.error().message;
}

}  // namespace

TEST_CASE("a JSON text is taken down to a depth, and refused beyond it", "[base]") {
    rapidjson::Document document;
    REQUIRE(json::parse(document, nested(json::deepest, "{\"a\":", "}")));
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    document.Accept(writer);
    CHECK(buffer.GetString() == nested(json::deepest, "{\"a\":", "}"));
    CHECK(problem(nested(json::deepest + 1, "{\"a\":", "}")).find("nested too deeply") !=
          std::string::npos);
    CHECK(problem(std::string(3'000'000, '[')).find("nested too deeply at byte 100") !=
          std::string::npos);
    CHECK_FALSE(problem(nested(250'000, "{\"a\":", "}")).empty());
}

TEST_CASE("brackets inside a text are no depth", "[base]") {
    CHECK(problem("[\"" + std::string(1000, '[') + "\"]").empty());
    CHECK(problem("[\"\\\"" + std::string(1000, '[') + "\\\\\"]").empty());
    CHECK(problem(R"({"\"":")" + std::string(1000, '{') + "\"}").empty());
}

TEST_CASE("what is no JSON is refused with its place", "[base]") {
    CHECK(problem("{\"a\":}").find("at byte 5") != std::string::npos);
    CHECK(problem(std::string("{}\0{}", 5)).find("a NUL at byte 2") != std::string::npos);
    CHECK_FALSE(problem("\"\xff\"").empty());
    CHECK_FALSE(problem("").empty());
    CHECK(problem("[1,2,3]", 6).find("longer than it may be") != std::string::npos);
    CHECK(problem("[1,2,3]", 7).empty());
}

// json_document.cpp is where trees are made; the bulk answer is read without one, iteratively.
TEST_CASE("nothing else makes a tree of a text", "[base]") {
    std::size_t files = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(test::source_dir() / "src")) {
        const auto name = entry.path().filename().string();
        if ((!name.ends_with(".cpp") && !name.ends_with(".h")) || name == "json_document.cpp" ||
            name == "bulk_reply.cpp") {
            continue;
        }
        ++files;
        std::ifstream stream(entry.path());
        const std::string text(std::istreambuf_iterator<char>(stream), {});
        INFO(entry.path().string());
        for (const char* way : {".Parse(", ".Parse<", ".ParseStream", ".ParseInsitu"}) {
            CHECK(text.find(way) == std::string::npos);
        }
    }
    CHECK(files > 100);
}
