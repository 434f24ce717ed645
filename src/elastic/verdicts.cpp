#include "elastic/verdicts.h"

namespace pwlog {

RequestVerdict classify_response(const ServerInfo& server, const HttpReply& reply) {
    switch (reply.status) {
        case 200:
            return is_from(server, reply) ? RequestVerdict::ok : RequestVerdict::foreign;
        case 400:  // a proxy's own 400 says nothing about our documents
            return is_from(server, reply) ? RequestVerdict::split : RequestVerdict::foreign;
        case 413:
            return RequestVerdict::split;
        case 408:
        case 429:
            return RequestVerdict::retry;
        default:
            break;
    }
    if (reply.status >= 300 && reply.status <= 499) {
        return RequestVerdict::pause;
    }
    return reply.status >= 500 && reply.status <= 599 ? RequestVerdict::retry
                                                      : RequestVerdict::foreign;
}

ItemVerdict judge_item(unsigned status, std::string_view error_type) {
    switch (status) {
        case 200:
        case 201:
            return ItemVerdict::stored;
        case 409:
            return ItemVerdict::duplicate;
        case 408:
        case 429:
            return ItemVerdict::retry;
        case 401:
        case 403:  // cluster_block_exception and security_exception alike
            return ItemVerdict::pause;
        case 404:
            // Any other 404 is about this one document. By the status alone where the type is
            // missing.
            return error_type.empty() || error_type == "index_not_found_exception"
                       ? ItemVerdict::pause
                       : ItemVerdict::reject;
        default:
            break;
    }
    if (status >= 500 && status <= 599) {
        return ItemVerdict::retry;
    }
    return status >= 400 && status <= 499 ? ItemVerdict::reject : ItemVerdict::unknown;
}

}  // namespace pwlog
