// SPDX-License-Identifier: MIT
// For the tests what cmake/precompiled.h is for the rooms.
#pragma once

#include <catch2/catch.hpp>

#include "cmake/precompiled.h"
