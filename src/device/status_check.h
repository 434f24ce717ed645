// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "device/ask.h"

namespace pwlog {

/// Status characters have no checksum, and one that was damaged on its way looks just like an
/// alarm. So what is not as it was (`believed`) is asked for again, until it is as before or two
/// answers in a row agree, of which the earlier one counts: its values are those of its time. Where
/// nothing changed this costs nothing. The first of all has nothing to be held against, and needs
/// a second as well. Error `garbled` where no two agree.
template <class Status, class Ask>
Result<Timed<Status>> believable_status(std::string& believed, Timed<Status> status,
                                        const Ask& ask_again) {
    constexpr int most_questions = 4;
    for (int questions = 1; status.value.bits != believed; ++questions) {
        if (questions == most_questions) {
            return fail(ErrorKind::garbled,
                        "the status is another one each time, last '" + status.value.bits + "'");
        }
        auto again = ask_again();
        if (!again) {
            return again;
        }
        if (again->value.bits == status.value.bits) {
            believed = status.value.bits;
        } else {
            status = std::move(*again);
        }
    }
    return status;
}

}  // namespace pwlog
