// SPDX-License-Identifier: MIT
#pragma once

#include <catch2/catch.hpp>

#include "base/result.h"

namespace pwlog::test {

/// What an answer was decoded to; fails the test where it could not be.
template <class T>
T decoded(Result<T> result) {
    if (!result) {
        FAIL(result.error().message);
    }
    return *result;
}

}  // namespace pwlog::test
