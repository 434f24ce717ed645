// SPDX-License-Identifier: MIT
#include "elastic/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/printable.h"
#include "elastic/credentials.h"
#include "elastic/curl_handle.h"
#include "elastic/gzip.h"

namespace pwlog {

namespace {

/// Small bodies fit into one packet anyway.
constexpr std::size_t worth_compressing = 1024;

const char* name_of(HttpMethod method) {
    constexpr std::array names{"GET", "POST", "PUT", "DELETE"};
    return names.at(static_cast<std::size_t>(method));
}

void set_security(CurlHandle& curl, const HttpOptions& options, const Secret& proxy_password) {
    curl.text(CURLOPT_PROTOCOLS_STR, "http,https");
    curl.number(CURLOPT_FOLLOWLOCATION, 0);
    curl.number(CURLOPT_NETRC, CURL_NETRC_IGNORED);
    curl.text(CURLOPT_PROXY, options.proxy.c_str());  // empty: not even the environment's
    curl.text(CURLOPT_NOPROXY, "");                   // nor its exceptions
    if (!options.proxy_username.empty()) {
        curl.number(CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_ANY));
        curl.text(CURLOPT_PROXYUSERNAME, options.proxy_username.c_str());
        curl.text(CURLOPT_PROXYPASSWORD, std::string(proxy_password.reveal()).c_str());
    }
    curl.number(CURLOPT_SSL_VERIFYPEER, 1);
    curl.number(CURLOPT_SSL_VERIFYHOST, 2);
    curl.number(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (!options.ca_file.empty()) {
        curl.text(CURLOPT_CAINFO, options.ca_file.c_str());
        curl.text(CURLOPT_CAPATH, nullptr);  // else the system's authorities stay trusted beside it
    }
    if (!options.ca_fingerprint.empty()) {
        curl.trust_only(options.ca_fingerprint);
    }
    if (!options.client_cert.empty()) {
        curl.text(CURLOPT_SSLCERT, options.client_cert.c_str());
    }
    if (!options.client_key.empty()) {
        curl.text(CURLOPT_SSLKEY, options.client_key.c_str());
    }
}

/// Who repeats what he was sent, as an error page does, must not bring the key into log and status.
void hide_key(std::string& text, const Secret& authorization) {
    constexpr std::size_t shortest_key = 8;  // a shorter one may be part of any word
    const auto value = authorization.reveal();
    const auto key = value.substr(value.find(' ') + 1);
    if (key.size() < shortest_key) {
        return;
    }
    for (auto at = text.find(key); at != text.npos; at = text.find(key, at)) {
        text.replace(at, key.size(), key.size(), '*');
    }
}

void set_limits(CurlHandle& curl, const HttpOptions& options, const HttpRequest& request,
                std::optional<std::chrono::steady_clock::time_point> deadline) {
    auto timeout = request.timeout.value_or(options.total_timeout);
    if (deadline) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            *deadline - std::chrono::steady_clock::now());
        timeout = std::clamp(left, std::chrono::milliseconds(1), timeout);  // 0 were none at all
    }
    curl.number(CURLOPT_NOSIGNAL, 1);
    curl.number(CURLOPT_QUICK_EXIT, 1);  // a stop does not wait for a name look-up that hangs
    curl.number(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    curl.number(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
    curl.number(CURLOPT_LOW_SPEED_LIMIT, 10);
    curl.number(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stalled_after.count()));
}

void set_body(CurlHandle& curl, HttpMethod method, std::string_view body) {
    if (!body.empty() || method == HttpMethod::post || method == HttpMethod::put) {
        curl.size(CURLOPT_POSTFIELDSIZE_LARGE, body.size());
        curl.text(CURLOPT_POSTFIELDS, body.empty() ? "" : body.data());
        curl.number(CURLOPT_UPLOAD_BUFFERSIZE, 128L * 1024);
    }
}

void set_method(CurlHandle& curl, HttpMethod method) {
    curl.number(CURLOPT_HTTP_VERSION,
                CURL_HTTP_VERSION_1_1);  // one request in flight: no use for 2
    curl.text(CURLOPT_USERAGENT, "pwlog");
    curl.text(CURLOPT_ACCEPT_ENCODING, "gzip");
    curl.text(CURLOPT_CUSTOMREQUEST, name_of(method));
}

/// A refusal, or a failure of TLS: many servers end the connection where a certificate is bad, and
/// nginx answers 400. A proxy that refuses to be a tunnel is a connection that fails.
bool may_be_for_credentials(const Result<HttpReply>& reply, const HttpOptions& options) {
    const bool has_certificate = !options.client_cert.empty();
    if (!reply) {
        const bool may_be = has_certificate || !options.proxy_password_file.empty();
        return reply.error().kind == ErrorKind::denied ||
               (reply.error().kind == ErrorKind::unavailable && may_be);
    }
    return reply->status == 401 || reply->status == 403 || reply->status == 407 ||
           (reply->status == 400 && has_certificate);
}

}  // namespace

struct HttpClient::Impl {
    HttpOptions options;
    Credentials credentials;
    CurlHandle curl;
    std::optional<GzipEncoder> gzip{};  // made for the first body that is worth it
    std::optional<std::chrono::steady_clock::time_point> deadline{};

    void add_headers(const HttpRequest& request, bool packed);
    Result<std::string_view> pack(std::string_view body);
    Result<HttpReply> send(const ServerUrl& server, const HttpRequest& request,
                           const std::stop_token& stop);
};

HttpClient::HttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpClient> HttpClient::open(const HttpOptions& options) {
    auto credentials = Credentials::open(options);
    if (!credentials) {
        return pass_on(credentials);
    }
    auto curl = CurlHandle::open();
    if (!curl) {
        return pass_on(curl);
    }
    return HttpClient(
        std::make_unique<Impl>(Impl{options, std::move(*credentials), std::move(*curl)}));
}

Result<std::string_view> HttpClient::Impl::pack(std::string_view body) {
    if (!gzip) {
        auto opened = GzipEncoder::open();
        if (!opened) {
            return pass_on(opened);
        }
        gzip.emplace(std::move(*opened));
    }
    return gzip->encode(body);
}

void HttpClient::Impl::add_headers(const HttpRequest& request, bool packed) {
    // Without this libcurl waits a second for "100 Continue" before each body above 1 MiB.
    curl.add_header("Expect:");
    curl.add_header("Accept: application/json");
    if (const auto& authorization = credentials.authorization(); !authorization.empty()) {
        std::string line = "Authorization: ";
        curl.add_header(line += authorization.reveal());
    }
    // For an empty body the line is taken away, or libcurl would call it a form, which names
    // itself.
    if (request.form_file.empty()) {
        curl.add_header(request.body.empty()
                            ? "Content-Type:"
                            : fmt::format("Content-Type: {}", request.content_type));
    }
    if (packed) {
        curl.add_header("Content-Encoding: gzip");
    }
    if (!request.header.empty()) {
        curl.add_header(request.header);
    }
}

Result<HttpReply> HttpClient::Impl::send(const ServerUrl& server, const HttpRequest& request,
                                         const std::stop_token& stop) {
    const std::string url = server.text() + request.path;
    const bool packed =
        options.gzip && request.body.size() > worth_compressing && request.form_file.empty();
    const auto body = packed ? pack(request.body) : Result<std::string_view>(request.body);
    if (!body) {
        return pass_on(body);
    }
    curl.reset(options.longest_reply);
    curl.address(url, options.named_in);
    add_headers(request, packed);
    set_security(curl, options, credentials.proxy_password());
    set_limits(curl, options, request, deadline);
    if (request.form_file.empty()) {
        set_body(curl, request.method, *body);
    } else {
        curl.form_file(std::string(request.form_file), request.body,
                       std::string(request.content_type));
    }
    set_method(curl, request.method);
    if (const auto outcome = curl.run(stop); !outcome) {
        return fail(outcome.error().kind,
                    fmt::format("{} {}: {}", name_of(request.method), printable(url, 200),
                                outcome.error().message));
    }
    HttpReply reply;
    reply.status = curl.status();
    reply.body = curl.take_body();
    reply.content_type = curl.header("Content-Type");
    hide_key(reply.body, credentials.authorization());
    hide_key(reply.content_type, credentials.authorization());
    reply.elastic_product = curl.header("X-Elastic-Product");
    reply.retry_after = curl.retry_after();
    reply.sent_twice = curl.sent_twice();
    return reply;
}

Result<HttpReply> HttpClient::send(const ServerUrl& server, const HttpRequest& request,
                                   const std::stop_token& stop) {
    auto reply = impl_->send(server, request, stop);
    if (!may_be_for_credentials(reply, impl_->options) || !renew_credentials()) {
        return reply;
    }
    const bool refused = reply.has_value();
    reply = impl_->send(server, request, stop);
    if (reply) {
        reply->sent_twice = reply->sent_twice || !refused;
    }
    return reply;
}

void HttpClient::set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline) {
    impl_->deadline = deadline;
}

bool HttpClient::renew_credentials() {
    if (!impl_->credentials.renew(impl_->options)) {
        return false;
    }
    // libcurl keeps the authorities that it has read, and connections of the old certificate.
    if (auto curl = CurlHandle::open()) {
        impl_->curl = std::move(*curl);
    }
    return true;
}

std::string http_library_versions() { return curl_version(); }

}  // namespace pwlog
