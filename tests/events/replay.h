// SPDX-License-Identifier: MIT
#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

#include "event_case.h"

namespace pwlog::test {

/// What a run left in the spool, in order.
struct Replayed {
    std::vector<rapidjson::Document> events;
    std::vector<rapidjson::Document> samples;
};

/// Runs the real thing, from the bytes on the line to the documents in the spool, on a clock that
/// jumps. The spool outlives the runs of one case, as it does a restart.
Replayed replay(const EventCase& scripted);

/// `alarm_started alarm=low_input_voltage observed=true code=A01`: what is compared of an event.
std::string line_of(const rapidjson::Document& event);

/// The text, or the number or boolean as text, at a JSON pointer; empty where there is none.
std::string text_at(const rapidjson::Value& document, std::string_view pointer);
/// Null where there is none. Of members only; a pointer is nothing but their names.
const rapidjson::Value* value_at(const rapidjson::Value& document, std::string_view pointer);

}  // namespace pwlog::test
