// SPDX-License-Identifier: MIT
#include "mqtt/broker_tls.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/tls_files.h"
#include "mqtt/connection.h"

namespace pwlog {
namespace {

constexpr int for_us = 0;  // OpenSSL keeps this place for its caller's data

}  // namespace

struct BrokerTls::Callbacks {
    static void progress(const SSL* ssl, int where, int /*value*/) {
        auto& self = *static_cast<BrokerTls*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), for_us));
        if ((where & SSL_CB_HANDSHAKE_START) != 0) {
            // libmosquitto has set the address there. OpenSSL shows a constant one, but calls this
            // before it writes the greeting.
            SSL_ctrl(const_cast<SSL*>(ssl), SSL_CTRL_SET_TLSEXT_HOSTNAME,  // NOLINT
                     TLSEXT_NAMETYPE_host_name, self.is_address_ ? nullptr : self.host_.data());
        } else if (const auto verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK) {
            self.refusal_ = fmt::format("the broker's certificate is not to be trusted: {}",
                                        X509_verify_cert_error_string(verdict));
        }
    }
};

BrokerTls::BrokerTls(std::string host)
    : host_(std::move(host)), context_(SSL_CTX_new(TLS_client_method())) {
    auto* const wanted = SSL_CTX_get0_param(context_);
    is_address_ = X509_VERIFY_PARAM_set1_ip_asc(wanted, host_.c_str()) == 1;
    if (!is_address_) {
        X509_VERIFY_PARAM_set1_host(wanted, host_.c_str(), host_.size());
    }
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
    SSL_CTX_set_ex_data(context_, for_us, this);
    SSL_CTX_set_info_callback(context_, Callbacks::progress);
}

BrokerTls::~BrokerTls() { SSL_CTX_free(context_); }

Result<std::unique_ptr<BrokerTls>> BrokerTls::make(const BrokerOptions& options) {
    std::unique_ptr<BrokerTls> tls(new BrokerTls(options.host));
    if (auto used = use_tls_files(tls->context_,
                                  {options.ca_file, options.client_cert, options.client_key});
        !used) {
        return pass_on(used);
    }
    return tls;
}

}  // namespace pwlog
