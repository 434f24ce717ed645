// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "elastic/http.h"
#include "setup/setup.h"

namespace pwlog {

/// What Kibana says about a request it does not like: one line, printable and short.
std::string describe_kibana(const HttpReply& reply);

/// Whether this is Kibana answering `GET /api/status`, ready to work and not older than 8.12.
/// `where`: its address, for the message.
Result<void> check_kibana_status(const HttpReply& reply, const std::string& where);

/// The objects of an export: their lines by label ("dashboard/powerwalker-overview").
std::map<std::string, std::string> exported_objects(const std::string& ndjson);

/// An export is refused whole for an object that is missing; these are the ones it was refused for.
std::set<std::string> missing_objects(const HttpReply& reply);

/// Whether `stored` has the attributes and references of `line`. Versions apart: Kibana raises
/// those of what it keeps.
bool is_same_object(const std::string& stored, const std::string& line);

/// Makes failures of the lines that an import was for and did not do. Its status is 200 even where
/// objects failed: only the body tells, object by object.
void judge_import(const Result<HttpReply>& reply, std::vector<SetupLine>& lines);

}  // namespace pwlog
