// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "stage.h"

namespace pwlog::test {

/// Something that is done with a spool while a call fails, and what comes before that.
struct Operation {
    std::string name;
    /// Makes the folder; once, without faults. Where it leaves the spool open, its process has
    /// died.
    std::function<void(Stage&)> prepare;
    /// Comes before the operation, each time, without faults; may open the spool.
    std::function<void(Stage&)> begin;
    std::function<void(Stage&)> act;
    std::function<void(SpoolOptions&)> options = [](SpoolOptions&) {};
    /// Damage: what a run without faults loses may be lost, and what was delivered may wait again.
    bool damaged = false;
    /// A full spool lets go of what waits, and counts it.
    bool lossy = false;
    /// For files that are no spool: looks at what is left, instead of comparing a spool.
    std::function<void(Stage&, Ending)> check = {};
    /// Changes nothing that it has read.
    bool reads_only = false;
};

const std::vector<Operation>& operations();

/// Those on the files that backfill writes.
std::vector<Operation> file_operations();

}  // namespace pwlog::test
