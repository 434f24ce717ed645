// SPDX-License-Identifier: MIT
#include "elastic/verdicts.h"

#include <algorithm>
#include <array>

namespace pwlog {

namespace {

/// Refusals that no document of the index would be spared.
bool is_index_state(std::string_view error_type, std::string_view reason) {
    constexpr std::array<std::string_view, 6> types{
        "index_closed_exception",     // IndexClosedException
        "validation_exception",       // ShardLimitValidator: no room for the shards of a new index
        "cluster_block_exception",    // of a status that nobody expects
        "index_not_found_exception",  // the same
        "invalid_index_name_exception",
        "routing_missing_exception"};  // its mapping asks for a routing
    // It was made anew in the other mode: known again, it takes the document without our id.
    if (error_type == "document_parsing_exception" &&
        reason.find("_id must be unset or set to") != reason.npos) {
        return true;
    }
    return std::find(types.begin(), types.end(), error_type) != types.end() ||
           (error_type == "illegal_argument_exception" &&
            reason.starts_with("pipeline with id"));  // IngestService: there is none of that name
}

}  // namespace

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

bool is_documents_fault(std::string_view error_type, std::string_view reason) {
    // Elasticsearch's ElasticsearchException.getExceptionName() makes these of its classes' names.
    constexpr std::array<std::string_view, 12> types{
        "document_parsing_exception",        // DocumentParsingException, since 8.8
        "mapper_parsing_exception",          // MapperParsingException, before; OpenSearch
        "strict_dynamic_mapping_exception",  // a field that a strict mapping does not know
        "mapping_exception",                 // mappings of before 7
        "x_content_parse_exception",         // XContentParseException: the JSON itself
        "json_parse_exception",              // Jackson's own, handed on
        "parsing_exception",
        "parse_exception",
        "timestamp_error",  // DataStream.TimestampError: outside the index's bounds
        "action_request_validation_exception",  // "id is too long", a whole request's 400
        "max_bytes_length_exceeded_exception",  // Lucene: a term longer than 32,766 bytes
        "document_size_limit_exception",        // serverless
    };
    if (std::find(types.begin(), types.end(), error_type) != types.end()) {
        return true;
    }
    if (error_type != "illegal_argument_exception") {
        return false;
    }
    // This type is whatever Java code had an argument to complain of. Known by their beginning:
    constexpr std::array<std::string_view, 11> reasons{
        "Limit of total fields",                        // MappingLookup.checkFieldLimit
        "Limit of mapping depth",                       // MappingLookup.checkObjectDepthLimit
        "The number of nested documents",               // NestedDocument limit
        "Document contains at least one immense term",  // Lucene's IndexingChain
        "mapper [",                                     // FieldMapper.merge: of another type
        "the document timestamp",                       // DataStream: no backing index of that time
        "time series index @timestamp value",           // DataStreamTimestampFieldMapper: bounds
        "Error extracting",                             // IndexRouting: no dimension in it
        "Malformed content, found extra data",          // DocumentParser
        "can't merge a non object mapping",             // ObjectMapper: an object where a value is
        "Field name [",                                 // MappingLookup: name too long
    };
    return std::any_of(reasons.begin(), reasons.end(),
                       [reason](std::string_view start) { return reason.starts_with(start); });
}

Concerns judge_refusal(unsigned status, std::string_view error_type, std::string_view reason) {
    switch (status) {
        case 408:
        case 429:  // the flood stage of a disk is a block of one index
            return error_type == "cluster_block_exception" ? Concerns::index : Concerns::node;
        case 401:
        case 403:  // cluster_block_exception and security_exception alike
        case 404:  // no such index, and it may not be made
            return Concerns::index;
        case 413:
            return Concerns::document;
        default:
            break;
    }
    if (status >= 500 && status <= 599) {
        return Concerns::index;
    }
    if (status < 400 || status > 499) {
        return Concerns::unknown;
    }
    if (is_index_state(error_type, reason)) {
        return Concerns::index;
    }
    return is_documents_fault(error_type, reason) ? Concerns::document : Concerns::unknown;
}

}  // namespace pwlog
