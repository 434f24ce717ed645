// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "elastic/server_url.h"

namespace pwlog {

/// How a client proves who it is.
enum class AuthScheme {
    none,
    api_key,  ///< `secret` as Elasticsearch prints it: base64, or `id:key`
    basic,    ///< `username` and `secret`
    bearer,   ///< `secret` is a token
};

/// Everything about a connection that is not one request. The defaults are for Elasticsearch.
struct HttpOptions {
    AuthScheme auth = AuthScheme::none;
    std::string username{};
    Secret secret{};
    std::string secret_file{};     ///< where `secret` was read; empty: it is not read again
    std::string ca_file{};         ///< PEM; empty: the system's authorities
    std::string ca_fingerprint{};  ///< see normal_fingerprint(); instead of ca_file; empty: none
    std::string client_cert{};     ///< PEM; empty: none
    std::string client_key{};      ///< PEM; empty: inside client_cert
    std::string proxy{};           ///< empty: none, whatever the environment says
    std::string proxy_username{};
    Secret proxy_password{};
    std::string proxy_password_file{};  ///< as secret_file
    std::string named_in{};  ///< where a host's name is written, for the error that it is unknown
    bool gzip = true;        ///< compress request bodies
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);
    /// A bulk request asks the server to give up after 30 s; this has to be longer, or every slow
    /// answer would be an unknown one.
    std::chrono::milliseconds total_timeout = std::chrono::seconds(55);
    /// Fewer than 10 bytes a second for so long, and the peer counts as gone.
    std::chrono::seconds stalled_after = std::chrono::seconds(40);
    /// A longer answer is an error. Counted after decompression, so a gzip bomb meets it too.
    std::size_t longest_reply = std::size_t{16} * 1024 * 1024;
};

enum class HttpMethod { get, post, put, del };

struct HttpRequest {
    HttpMethod method = HttpMethod::get;
    std::string path{};       ///< behind the server's address, with its slash: "/_bulk?…"
    std::string_view body{};  ///< must live until send() returns
    std::string_view content_type = "application/json";
    std::string_view form_file{};  ///< not empty: the body goes as a form's file of this name
    std::string header{};          ///< one line more, as "kbn-xsrf: pwlog"; empty: none
    std::optional<std::chrono::milliseconds> timeout{};  ///< instead of total_timeout
};

/// What a server answered. Whether that is good news is for the caller to judge; a status is never
/// an Error.
struct HttpReply {
    long status = 0;
    std::string body{};
    std::string content_type{};
    std::string elastic_product{};  ///< X-Elastic-Product; "Elasticsearch" since 7.14
    std::optional<std::chrono::seconds> retry_after{};
    bool sent_twice = false;  ///< the same request may have been taken once before
};

/// An HTTP client over libcurl, one request at a time, connections kept open. It follows no
/// redirects (the credentials would not be safe), reads no .netrc and no proxy variables, checks
/// certificate and host name always, and speaks TLS 1.2 or later. A request that failed for what
/// may be the keys' fault is sent once more if the files of key or certificates hold something new.
/// One thread at a time.
class HttpClient {
  public:
    static Result<HttpClient> open(const HttpOptions& options);
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;
    ~HttpClient();

    /// Sends and waits. An Error means that no whole answer came, so whether the server did what
    /// was asked is unknown: `unavailable`, `timeout`, `denied` (TLS), `garbled` (too long, no
    /// HTTP), `stopped` (at once when `stop` is requested). Its message has curl's text and code.
    Result<HttpReply> send(const ServerUrl& server, const HttpRequest& request,
                           const std::stop_token& stop = {});

    /// From now on no request takes longer than to then; none: as its options say.
    void set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline);

    /// Reads the files of key and certificates again; true if something changed.
    bool renew_credentials();

  private:
    struct Impl;
    explicit HttpClient(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

/// The versions of libcurl and of what it was built with, for --version.
std::string http_library_versions();

}  // namespace pwlog
