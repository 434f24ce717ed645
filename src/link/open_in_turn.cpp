// SPDX-License-Identifier: MIT
#include "link/open_in_turn.h"

#include <chrono>

#include "base/clock.h"

namespace pwlog {

Result<std::unique_ptr<Link>> open_in_turn(const PortOptions& options,
                                           const std::stop_token& stop) {
    constexpr auto patience = std::chrono::seconds(3);
    constexpr auto look_again = std::chrono::milliseconds(50);
    const SystemClock clock;
    const auto give_up = clock.steady_now() + patience;
    auto link = open_link(options, stop);
    while (!link && link.error().kind == ErrorKind::busy && clock.steady_now() < give_up &&
           clock.wait_until(clock.steady_now() + look_again, stop)) {
        link = open_link(options, stop);
    }
    return link;
}

}  // namespace pwlog
