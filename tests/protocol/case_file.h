// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace pwlog::test {

/// One file of tests/data/protocol: what was asked, what came, and what must be made of it.
///
///     # why this case exists
///     device: pdu                  pdu or ats: QVFW and QPI look different on each
///     command: QGS
///     answer: 0000000011111111 …   the payload, from behind one space to the line's end; \xNN is a
///     byte captured: yes                came from a real unit, letter by letter expect:
///     {"input_v":222.5,…}  either this, the decoded fields as JSON, error: garbled or the kind of
///     error message: 11 of 12 fields     and a piece of its text
struct CaseFile {
    std::string name;
    std::string device;
    std::string command;
    std::string answer;
    bool captured = false;
    std::string expect;
    std::string error;
    std::string message;
};

/// All of them, by name. Throws on a file that is not like the above.
std::vector<CaseFile> load_cases();

}  // namespace pwlog::test
