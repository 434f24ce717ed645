// SPDX-License-Identifier: MIT
// What most sources include anyway, parsed once for all rooms where PWLOG_PRECOMPILE is on: a small
// source compiles in half the time. Every source still includes what it uses; builds without this
// option check that.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <variant>
#include <vector>
