// SPDX-License-Identifier: MIT
#include "elastic/curl_handle.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>
#include <utility>

#include "base/printable.h"
#include "elastic/curl_receiver.h"
#include "elastic/trusted_authority.h"

namespace pwlog {

namespace {

template <auto release>
struct Deleter {
    template <class Handle>
    void operator()(Handle* handle) const {
        release(handle);
    }
};
using Easy = std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>;
using Multi = std::unique_ptr<CURLM, Deleter<curl_multi_cleanup>>;
using Form = std::unique_ptr<curl_mime, Deleter<curl_mime_free>>;
using HeaderList = std::unique_ptr<curl_slist, Deleter<curl_slist_free_all>>;

/// Called before each time that libcurl sends the request.
int count_sending(void* user, char*, char*, int, int) {
    ++*static_cast<int*>(user);
    return CURL_PREREQFUNC_OK;
}

ErrorKind kind_of(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT:
            return ErrorKind::timeout;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_CIPHER:
            return ErrorKind::denied;
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_BAD_CONTENT_ENCODING:
        case CURLE_WRITE_ERROR:
            return ErrorKind::garbled;
        default:
            return ErrorKind::unavailable;
    }
}

/// HTTP and HTTPS do not understand each other, and neither says so.
bool speaks_plain_http(CURLcode code, std::string_view detail) {
    return code == CURLE_SSL_CONNECT_ERROR && (detail.find("wrong version number") != detail.npos ||
                                               detail.find("packet length") != detail.npos);
}
bool may_want_tls(CURLcode code, bool is_plain) {
    return is_plain && (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR ||
                        code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY);
}

/// libcurl wants this once per process, before the first handle; here nobody can forget it. With
/// CURLOPT_NOSIGNAL it leaves SIGPIPE to us, and OpenSSL writes to sockets without MSG_NOSIGNAL.
CURLcode prepare_process() {
    static const CURLcode ready = [] {
        std::signal(SIGPIPE, SIG_IGN);
        return curl_global_init(CURL_GLOBAL_DEFAULT);
    }();
    return ready;
}

}  // namespace

struct CurlHandle::Impl {
    HeaderList headers;
    Easy easy;
    Form form;
    Multi multi;  // after easy: the connections that it keeps are closed first
    CurlReceiver receiver;
    std::array<char, CURL_ERROR_SIZE> error_text{};
    CURLcode first_failure = CURLE_OK;
    int sendings = 0;
    bool is_plain = false;  ///< http, not https
    std::string named_in;

    template <class Value>
    void set(int option, Value value) {
        const CURLcode code = curl_easy_setopt(easy.get(), static_cast<CURLoption>(option), value);
        first_failure = first_failure == CURLE_OK ? code : first_failure;
    }

    CURLcode transfer(const std::stop_token& stop) const {
        if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK) {
            return CURLE_FAILED_INIT;
        }
        CURLcode outcome = CURLE_ABORTED_BY_CALLBACK;  // stays so if a stop ends the loop
        int running = 1;
        while (running != 0 && !stop.stop_requested()) {
            if (curl_multi_perform(multi.get(), &running) != CURLM_OK) {
                outcome = CURLE_FAILED_INIT;
                break;
            }
            if (running != 0) {
                curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
            }
        }
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
            outcome = message->msg == CURLMSG_DONE ? message->data.result : outcome;
        }
        curl_multi_remove_handle(multi.get(), easy.get());
        return outcome;
    }

    /// Behind the error's text: what to do about it.
    std::string advice(CURLcode code) const {
        if (may_want_tls(code, is_plain && receiver.header_bytes == 0)) {
            return ": if it uses TLS on this port, write https:// in its address";
        }
        if (code == CURLE_COULDNT_RESOLVE_PROXY) {
            return ": check proxy in [elasticsearch], and the DNS of this machine";
        }
        if (code == CURLE_PEER_FAILED_VERIFICATION && !named_in.empty()) {
            return ": ca_file or ca_fingerprint in [elasticsearch] says whom to trust";
        }
        return code == CURLE_COULDNT_RESOLVE_HOST && !named_in.empty()
                   ? fmt::format(": check {}, and the DNS of this machine", named_in)
                   : "";
    }

    Error describe(CURLcode code) const {
        if (code == CURLE_ABORTED_BY_CALLBACK) {
            return {ErrorKind::stopped, "stopped before the answer came"};
        }
        if (receiver.too_long) {
            return {ErrorKind::garbled,
                    fmt::format("the answer is longer than {} bytes", receiver.longest_body)};
        }
        const char* detail =
            error_text.front() != '\0' ? error_text.data() : curl_easy_strerror(code);
        if (speaks_plain_http(code, detail)) {
            return {ErrorKind::garbled,
                    "what answers there does not speak TLS: write http:// in its address, or give "
                    "the port on which it speaks TLS"};
        }
        return {kind_of(code), fmt::format("{} (curl {}){}", printable(detail, 300),
                                           static_cast<int>(code), advice(code))};
    }
};

CurlHandle::CurlHandle(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CurlHandle::CurlHandle(CurlHandle&&) noexcept = default;
CurlHandle& CurlHandle::operator=(CurlHandle&&) noexcept = default;
CurlHandle::~CurlHandle() = default;

Result<CurlHandle> CurlHandle::open() {
    if (const CURLcode code = prepare_process(); code != CURLE_OK) {
        return fail(ErrorKind::io,
                    fmt::format("libcurl does not start: {}", curl_easy_strerror(code)));
    }
    auto impl = std::make_unique<Impl>();
    impl->easy.reset(curl_easy_init());
    impl->multi.reset(curl_multi_init());
    if (!impl->easy || !impl->multi) {
        return fail(ErrorKind::full, "no memory for an HTTP client");
    }
    return CurlHandle(std::move(impl));
}

void CurlHandle::reset(std::size_t longest_body) {
    curl_easy_reset(impl_->easy.get());
    impl_->headers.reset();
    impl_->form.reset();
    impl_->receiver = CurlReceiver{.body = {}, .longest_body = longest_body};
    impl_->error_text.front() = '\0';
    impl_->first_failure = CURLE_OK;
    impl_->set<curl_write_callback>(CURLOPT_WRITEFUNCTION, CurlReceiver::take_body_part);
    impl_->set<void*>(CURLOPT_WRITEDATA, &impl_->receiver);
    impl_->set<curl_write_callback>(CURLOPT_HEADERFUNCTION, CurlReceiver::take_header);
    impl_->set<void*>(CURLOPT_HEADERDATA, &impl_->receiver);
    impl_->set<char*>(CURLOPT_ERRORBUFFER, impl_->error_text.data());
    impl_->sendings = 0;
    impl_->set<curl_prereq_callback>(CURLOPT_PREREQFUNCTION, count_sending);
    impl_->set<void*>(CURLOPT_PREREQDATA, &impl_->sendings);
}

void CurlHandle::number(int option, long value) { impl_->set<long>(option, value); }

void CurlHandle::size(int option, std::size_t value) {
    impl_->set<curl_off_t>(option, static_cast<curl_off_t>(value));
}

void CurlHandle::text(int option, const char* value) { impl_->set<const char*>(option, value); }

void CurlHandle::address(const std::string& url, const std::string& named_in) {
    impl_->named_in = named_in;
    impl_->is_plain = url.starts_with("http://");
    impl_->set<const char*>(CURLOPT_URL, url.c_str());
}

void CurlHandle::trust_only(const std::string& fingerprint) {
    using Callback = CURLcode (*)(CURL*, void*, void*);
    const Callback on_context = [](CURL*, void* context, void* user) {
        pwlog::trust_only(context, *static_cast<const std::string*>(user));
        return CURLE_OK;
    };
    impl_->set(CURLOPT_SSL_CTX_FUNCTION, on_context);
    impl_->set(CURLOPT_SSL_CTX_DATA, static_cast<const void*>(&fingerprint));
}

void CurlHandle::add_header(const std::string& line) {
    if (curl_slist* longer = curl_slist_append(impl_->headers.get(), line.c_str())) {
        (void)impl_->headers.release();  // part of the longer one now
        impl_->headers.reset(longer);
    } else {
        impl_->first_failure = CURLE_OUT_OF_MEMORY;
    }
}

void CurlHandle::form_file(const std::string& name, std::string_view bytes,
                           const std::string& type) {
    impl_->form.reset(curl_mime_init(impl_->easy.get()));
    curl_mimepart* const part = curl_mime_addpart(impl_->form.get());  // of no form: null, refused
    for (const CURLcode code :
         {curl_mime_name(part, "file"), curl_mime_filename(part, name.c_str()),
          curl_mime_type(part, type.c_str()), curl_mime_data(part, bytes.data(), bytes.size())}) {
        impl_->first_failure = impl_->first_failure == CURLE_OK ? code : impl_->first_failure;
    }
    impl_->set<curl_mime*>(CURLOPT_MIMEPOST, impl_->form.get());
}

Result<void> CurlHandle::run(const std::stop_token& stop) {
    impl_->set<curl_slist*>(CURLOPT_HTTPHEADER, impl_->headers.get());
    if (impl_->first_failure != CURLE_OK) {
        return fail(ErrorKind::invalid, curl_easy_strerror(impl_->first_failure));
    }
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(impl_->multi.get()); });
    const CURLcode outcome = impl_->transfer(stop);
    if (outcome != CURLE_OK) {
        std::string().swap(impl_->receiver.body);  // megabytes, where somebody means harm
        return tl::unexpected<Error>(impl_->describe(outcome));
    }
    if (!impl_->receiver.headers_ended) {
        return fail(ErrorKind::unavailable, "the connection ended amid the answer's headers");
    }
    return {};
}

long CurlHandle::status() const {
    long status = 0;
    curl_easy_getinfo(impl_->easy.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
}

std::string CurlHandle::header(const char* name) const {
    curl_header* header = nullptr;
    constexpr int last_request = -1;
    if (curl_easy_header(impl_->easy.get(), name, 0, CURLH_HEADER, last_request, &header) !=
        CURLHE_OK) {
        return {};
    }
    return header->value;
}

std::optional<std::chrono::seconds> CurlHandle::retry_after() const {
    curl_off_t wait = 0;
    curl_easy_getinfo(impl_->easy.get(), CURLINFO_RETRY_AFTER, &wait);
    if (wait <= 0) {
        return std::nullopt;
    }
    constexpr curl_off_t a_day = 86400;
    return std::chrono::seconds(std::min(wait, a_day));
}

bool CurlHandle::sent_twice() const { return impl_->sendings > 1; }

std::string CurlHandle::take_body() { return std::move(impl_->receiver.body); }

}  // namespace pwlog
