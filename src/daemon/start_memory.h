// SPDX-License-Identifier: MIT
#pragma once

namespace pwlog {

/// Gives back what only the start touched: of the files of the program and of its sixty libraries
/// (linking, the command line, the configuration), and of the heap. It is two thirds of what is
/// resident. Nothing is lost: what is needed again comes from the kernel's cache, or from the disk.
void give_back_start();

}  // namespace pwlog
