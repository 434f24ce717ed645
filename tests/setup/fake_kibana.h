// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/http_stub.h"

namespace pwlog::test {

/// As much of a Kibana 8.12 as `setup --kibana` talks to, with what is odd about the real one: an
/// export of several objects is refused whole where one is missing, an import answers 200 whatever
/// became of the objects, and any space is imported into. Handed to HttpStub by reference.
class FakeKibana {
  public:
    std::map<std::string, std::string> stored{};  ///< lines by "dashboard/powerwalker-overview"
    std::map<std::string, std::string> rules{};   ///< bodies by id
    std::map<std::string, std::string> refuse{};  ///< label -> why its import fails
    std::map<std::string, std::string> rename{};  ///< label -> the id it is given instead
    std::vector<std::string> wrong{};             ///< what no real Kibana would have accepted
    std::map<std::string, StubReply> override{};  ///< by "GET /path"
    std::string version = "8.12.2";
    std::string space{};  ///< the only one besides the default

    StubReply operator()(const StubRequest& request);

  private:
    StubReply export_objects(const std::string& body);
    StubReply import_objects(const StubRequest& request);
    StubReply rule(const StubRequest& request, const std::string& id);
};

/// What Kibana's schema has against the body of a new rule; empty where it takes it. From the
/// server of 8.12.2: an unknown key is an error, at the top and in `params` of `.es-query`.
std::string problem_of_rule(const std::string& body);

}  // namespace pwlog::test
