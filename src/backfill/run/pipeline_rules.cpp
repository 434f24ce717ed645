// SPDX-License-Identifier: MIT
// Which documents a run takes.
#include <fmt/format.h>

#include "backfill/run/pipeline.h"

namespace pwlog {

bool is_asked_for(const PipelineOptions& options, const DocumentFacts& facts) {
    return (!options.since || facts.time >= *options.since) &&
           (!options.until || facts.time < *options.until) &&
           (options.device.empty() || facts.device == options.device);
}

std::string why_refused(const PipelineOptions& options, IdentityBook* identities,
                        const DocumentFacts& facts, std::string_view id, std::string_view json) {
    auto problem = options.bounds.problem(facts.time);
    if (problem.empty() && identities != nullptr &&
        identities->note(facts, id, json) == IdentityBook::Seen::otherwise) {
        problem = fmt::format(
            "a document of the same device, kind and time ({}) came before in "
            "this run and says something else; only one of them can be kept",
            format_time(facts.time));
    }
    return problem;
}

}  // namespace pwlog
