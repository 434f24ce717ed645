// SPDX-License-Identifier: MIT
#include "setup/api_key.h"

#include <rapidjson/document.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/secret.h"
#include "support/http_stub.h"
#include "support/temp_dir.h"

using namespace pwlog;
using test::HttpStub;
using test::StubReply;
using test::StubRequest;
using test::TempDir;

namespace {

SetupLine ask(HttpStub& stub, const std::filesystem::path& file) {
    auto client = HttpClient::open({});
    return create_api_key(*client, *ServerUrl::parse(stub.url(), false), {}, "pi\"4", file);
}

}  // namespace

TEST_CASE("the key that is made can do what run needs and nothing more", "[elastic]") {
    const TempDir folder;
    HttpStub stub([](const StubRequest&) {
        return StubReply{.body = R"({"id":"i","name":"n","api_key":"k","encoded":"aTpr"})"};
    });
    const auto line = ask(stub, folder.path() / "key");
    CHECK(line.outcome == SetupOutcome::created);
    CHECK(line.detail.find("aTpr") == std::string::npos);
    const auto request = stub.requests().back();
    CHECK(request.method == "POST");
    CHECK(request.target == "/_security/api_key");
    rapidjson::Document body;
    body.Parse(request.body.c_str());
    REQUIRE_FALSE(body.HasParseError());
    CHECK(body["name"].GetString() == std::string("pwlog-pi\"4"));
    const auto& role = body["role_descriptors"]["pwlog"];
    CHECK(role["cluster"].Empty());
    REQUIRE(role["indices"].Size() == 1);
    for (const auto& name : role["indices"][0]["names"].GetArray()) {
        CHECK(std::string(name.GetString()).starts_with("powerwalker-"));
    }
    for (const auto& privilege : role["indices"][0]["privileges"].GetArray()) {
        const std::string text = privilege.GetString();
        CHECK((text == "create_doc" || text == "auto_configure" || text == "view_index_metadata" ||
               text == "read"));
    }
}

TEST_CASE("the key lies in a file that read_secret_file() takes", "[elastic]") {
    const TempDir folder;
    const auto [body, key] = GENERATE(table<std::string, std::string>({
        {R"({"id":"i","api_key":"k","encoded":"aTpr"})", "aTpr"},
        {R"({"id":"i","api_key":"k"})", "i:k"},
    }));
    HttpStub stub([answer = body](const StubRequest&) { return StubReply{.body = answer}; });
    REQUIRE(ask(stub, folder.path() / "key").outcome == SetupOutcome::created);
    struct stat file {};
    REQUIRE(stat((folder.path() / "key").c_str(), &file) == 0);
    CHECK((file.st_mode & 07777) == 0600);
    const auto secret = read_secret_file(folder.path() / "key");
    REQUIRE(secret);
    CHECK(secret->reveal() == key);
}

TEST_CASE("a key file that is there already is kept, and no key is made", "[elastic]") {
    const TempDir folder;
    HttpStub stub([](const StubRequest&) { return StubReply{.body = R"({"encoded":"x"})"}; });
    const auto file = folder.write("key", "old");
    CHECK(ask(stub, file).outcome == SetupOutcome::failed);
    CHECK(stub.requests().empty());
    CHECK(read_secret_file(file)->reveal() == "old");
}

TEST_CASE("a key that root makes can belong to the user who reads it", "[elastic]") {
    const TempDir folder;
    HttpStub stub([](const StubRequest&) { return StubReply{.body = R"({"encoded":"x"})"}; });
    auto client = HttpClient::open({});
    constexpr uid_t nobody = 65534;
    const auto line = create_api_key(*client, *ServerUrl::parse(stub.url(), false), {}, "pi",
                                     folder.path() / "key", nobody);
    const bool may_give = geteuid() == 0;
    CHECK((line.outcome == SetupOutcome::created) == may_give);
    struct stat file {};
    CHECK((stat((folder.path() / "key").c_str(), &file) == 0) == may_give);
    CHECK((!may_give || file.st_uid == nobody));
}

TEST_CASE("no key is made that could do less than it should, as its maker lacks a right",
          "[elastic]") {
    const TempDir folder;
    HttpStub stub([](const StubRequest& request) {
        return StubReply{.body = request.target == "/_security/api_key"
                                     ? R"({"encoded":"x"})"
                                     : R"({"username":"setup","has_all_requested":false,"index":{)"
                                       R"("powerwalker-metrics-*":{"create_doc":false,"read":true,)"
                                       R"("auto_configure":true,"view_index_metadata":true}}})"};
    });
    const auto line = ask(stub, folder.path() / "key");
    CHECK(line.outcome == SetupOutcome::failed);
    CHECK_THAT(line.detail, Catch::Contains("the login itself lacks create_doc on "));
    CHECK(stub.requests().size() == 1);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "key"));
}

TEST_CASE("a server without security makes no key, and says what to leave out", "[elastic]") {
    const TempDir folder;
    HttpStub stub([](const StubRequest&) {
        return StubReply{.status = 400,
                         .body = R"({"error":"no handler found for uri [/_security/api_key]"})"};
    });
    const auto line = ask(stub, folder.path() / "key");
    CHECK(line.outcome == SetupOutcome::failed);
    CHECK_THAT(line.detail, Catch::Contains("leave out --api-key, and api_key_file"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "key"));
}

TEST_CASE("OpenSearch is not asked for a key, which it does not make", "[elastic]") {
    const TempDir folder;
    HttpStub stub([](const StubRequest&) { return StubReply{.body = "{}"}; });
    auto client = HttpClient::open({});
    const ServerInfo opensearch{.product = ServerInfo::Product::opensearch, .version = "2.19.1"};
    const auto line = create_api_key(*client, *ServerUrl::parse(stub.url(), false), opensearch,
                                     "pi", folder.path() / "key");
    CHECK(line.outcome == SetupOutcome::failed);
    CHECK_THAT(line.detail, Catch::Contains("makes no API keys: give username and password_file"));
    CHECK(stub.requests().empty());
    CHECK_FALSE(std::filesystem::exists(folder.path() / "key"));
}

TEST_CASE("where no key is made no file is left", "[elastic]") {
    const TempDir folder;
    const auto reply = GENERATE(StubReply{.status = 403, .body = "{}"}, StubReply{.body = "{}"},
                                StubReply{.end = StubReply::End::reset, .cut_after = 0});
    HttpStub stub([=](const StubRequest&) { return reply; });
    CHECK(ask(stub, folder.path() / "key").outcome == SetupOutcome::failed);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "key"));
}
