// SPDX-License-Identifier: MIT
#include "control/user_name.h"

#include <pwd.h>

#include <array>

namespace pwlog {

std::string user_name(uid_t user) {
    std::array<char, 16 * 1024> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    const bool known =
        getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr;
    return known ? found->pw_name : std::to_string(user);
}

}  // namespace pwlog
