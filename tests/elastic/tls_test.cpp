// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "elastic/http.h"
#include "elastic/trusted_authority.h"
#include "support/temp_dir.h"
#include "tls_server.h"

using namespace pwlog;
using test::openssl;
using test::TempDir;
using test::TlsServer;

namespace {

/// An authority of our own, and certificates it signed.
class Authority {
  public:
    explicit Authority(const std::filesystem::path& folder) : folder_(folder) {
        openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", path("ca.key"), "-out", path("ca.pem"), "-subj", "/CN=pwlog test",
                 "-days", "2"});
    }

    std::string path(const std::string& name) const { return folder_ / name; }

    /// Makes NAME.pem and NAME.key; one that ends `days` from now, for the host `host`.
    void sign(const std::string& name, const std::string& host, int days = 2) const {
        openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                 path(name + ".key"), "-out", path(name + ".csr"), "-subj", "/CN=" + host,
                 "-addext", "subjectAltName=DNS:" + host});
        openssl({"x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey",
                 path("ca.key"), "-out", path(name + ".pem"), "-days", std::to_string(days),
                 "-copy_extensions", "copy"});
    }

    /// SHA-256, as hex digits.
    std::string fingerprint() const {
        openssl({"x509", "-in", path("ca.pem"), "-outform", "DER", "-out", path("ca.der")});
        openssl({"dgst", "-sha256", "-hex", "-out", path("ca.sha"), path("ca.der")});
        std::ifstream stream(path("ca.sha"));
        std::string words;
        std::getline(stream, words);
        return words.substr(words.rfind(' ') + 1);
    }

    std::vector<std::string> server(const std::string& name,
                                    std::vector<std::string> more = {}) const {
        more.insert(more.end(), {"-cert", path(name + ".pem"), "-key", path(name + ".key")});
        return more;
    }

  private:
    std::filesystem::path folder_;
};

Result<HttpReply> get(const TlsServer& server, const HttpOptions& options) {
    auto client = HttpClient::open(options);
    REQUIRE(client);
    const auto url = ServerUrl::parse(fmt::format("https://localhost:{}", server.port()), false);
    REQUIRE(url);
    return client->send(*url, {.path = "/", .timeout = std::chrono::seconds(20)});
}

void check_refused(const Result<HttpReply>& reply) {
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::denied);
    CHECK(reply.error().message.find("certificate") != std::string::npos);
}

bool skipped() {
    if (!test::have_openssl()) {
        WARN("skipped: the openssl command is not installed");
        return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a server whose certificate our authority signed is talked to", "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const Authority authority(folder.path());
    authority.sign("server", "localhost");
    const TlsServer server(authority.server("server"));
    const auto reply = get(server, {.ca_file = authority.path("ca.pem")});
    REQUIRE(reply);
    CHECK(reply->status == 200);
}

TEST_CASE("an authority is known by its fingerprint alone, where the server sends it along",
          "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const TempDir other_folder;
    const Authority authority(folder.path());
    const Authority other(other_folder.path());
    authority.sign("server", "localhost");
    const TlsServer server(authority.server("server", {"-cert_chain", authority.path("ca.pem")}));
    const auto reply = get(server, {.ca_fingerprint = authority.fingerprint()});
    REQUIRE(reply);
    CHECK(reply->status == 200);
    check_refused(get(server, {.ca_fingerprint = other.fingerprint()}));
    // Neither the authority without its word in the chain, nor another host's certificate.
    const TlsServer alone(authority.server("server"));
    check_refused(get(alone, {.ca_fingerprint = authority.fingerprint()}));
    authority.sign("elsewhere", "other.example");
    const TlsServer elsewhere(
        authority.server("elsewhere", {"-cert_chain", authority.path("ca.pem")}));
    check_refused(get(elsewhere, {.ca_fingerprint = authority.fingerprint()}));
    authority.sign("ended", "localhost", -1);
    const TlsServer ended(authority.server("ended", {"-cert_chain", authority.path("ca.pem")}));
    check_refused(get(ended, {.ca_fingerprint = authority.fingerprint()}));
}

TEST_CASE("a fingerprint is taken as Elasticsearch and openssl print it", "[elastic]") {
    const std::string digits(64, 'a');
    CHECK(normal_fingerprint(digits) == digits);
    CHECK(normal_fingerprint(std::string(64, 'A')) == digits);
    std::string pairs = "AA";
    for (int i = 1; i < 32; ++i) {
        pairs += ":AA";
    }
    CHECK(normal_fingerprint(pairs) == digits);
    for (const auto& odd : {std::string(), std::string(63, 'a'), std::string(64, 'g')}) {
        CHECK(normal_fingerprint(odd).empty());
    }
}

TEST_CASE("a certificate for another host, one that ended, or of another authority is refused",
          "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const Authority authority(folder.path());
    const auto [host, days, ca_file] = GENERATE(table<std::string, int, std::string>({
        {"other.example", 2, "ca.pem"},
        {"localhost", -1, "ca.pem"},
        {"localhost", 2, ""},  // the system's authorities do not know ours
    }));
    authority.sign("server", host, days);
    const TlsServer server(authority.server("server"));
    check_refused(get(server, {.ca_file = ca_file.empty() ? "" : authority.path(ca_file)}));
}

TEST_CASE("a self-signed certificate is refused", "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const TempDir other_folder;
    const Authority authority(folder.path());
    const Authority other(other_folder.path());
    const TlsServer server({"-cert", other.path("ca.pem"), "-key", other.path("ca.key")});
    check_refused(get(server, {.ca_file = authority.path("ca.pem")}));
}

TEST_CASE("a server that speaks only TLS 1.1 is refused", "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const Authority authority(folder.path());
    authority.sign("server", "localhost");
    const TlsServer server(
        authority.server("server", {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"}));
    CHECK_FALSE(get(server, {.ca_file = authority.path("ca.pem")}));
}

TEST_CASE("a server that wants a client certificate takes ours and refuses none", "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const Authority authority(folder.path());
    authority.sign("server", "localhost");
    authority.sign("client", "pwlog");
    const TlsServer server(authority.server(
        "server", {"-Verify", "1", "-verify_return_error", "-CAfile", authority.path("ca.pem")}));
    const auto with = get(server, {.ca_file = authority.path("ca.pem"),
                                   .client_cert = authority.path("client.pem"),
                                   .client_key = authority.path("client.key")});
    REQUIRE(with);
    CHECK(with->status == 200);
    CHECK_FALSE(get(server, {.ca_file = authority.path("ca.pem")}));
}

TEST_CASE("authorities and client certificates that were replaced are read again by themselves",
          "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const TempDir other_folder;
    const Authority authority(folder.path());
    const Authority other(other_folder.path());
    authority.sign("server", "localhost");
    authority.sign("client", "pwlog");
    other.sign("client", "pwlog");
    const bool is_authority = GENERATE(true, false);  // what is wrong at first
    const auto replace = [&](const std::string& name, const Authority& by) {
        std::filesystem::copy_file(by.path(name), folder.path() / ("used." + name),
                                   std::filesystem::copy_options::overwrite_existing);
    };
    replace("ca.pem", is_authority ? other : authority);
    replace("client.pem", is_authority ? authority : other);
    replace("client.key", is_authority ? authority : other);
    const TlsServer server(authority.server(
        "server", {"-Verify", "1", "-verify_return_error", "-CAfile", authority.path("ca.pem")}));
    auto client = HttpClient::open({.ca_file = authority.path("used.ca.pem"),
                                    .client_cert = authority.path("used.client.pem"),
                                    .client_key = authority.path("used.client.key")});
    REQUIRE(client);
    const auto url = ServerUrl::parse(fmt::format("https://localhost:{}", server.port()), false);
    REQUIRE(url);
    const HttpRequest request{.path = "/", .timeout = std::chrono::seconds(20)};
    REQUIRE_FALSE(client->send(*url, request));
    for (const auto* name : {"ca.pem", "client.pem", "client.key"}) {
        replace(name, authority);
    }
    const auto reply = client->send(*url, request);
    REQUIRE(reply);
    CHECK(reply->status == 200);
}

TEST_CASE("an authority file that is missing or no PEM is said", "[elastic]") {
    if (skipped()) {
        return;
    }
    const TempDir folder;
    const Authority authority(folder.path());
    authority.sign("server", "localhost");
    const TlsServer server(authority.server("server"));
    const std::string bad = GENERATE("absent.pem", "server.csr");
    const auto reply = get(server, {.ca_file = authority.path(bad)});
    REQUIRE_FALSE(reply);
    CHECK(reply.error().kind == ErrorKind::denied);
}
