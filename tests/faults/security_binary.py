# SPDX-License-Identifier: MIT
"""the compiler's hardening is in the binary (of the release preset, or the package)"""
ROWS = "5.1"
SECONDS = 60


def run(trial):
    program = trial.binary
    head, dynamic = trial.command("readelf", "-hlW", program), trial.command("readelf", "-dW", program)
    if "BIND_NOW" not in dynamic:
        raise trial.Skipped("not a release build: PWLOG_BINARY=build/release/src/cli/pwlog scripts/faults security_binary")
    symbols = trial.command("readelf", "--dyn-syms", "-W", program)
    trial.must("DYN (Position-Independent" in head, "no PIE")
    trial.must("GNU_RELRO" in head, "no RELRO")
    stack = next(line for line in head.splitlines() if "GNU_STACK" in line)
    trial.must("RWE" not in stack, "an executable stack: " + stack)
    trial.must("__stack_chk_fail" in symbols, "no stack protector")
    trial.must("_chk@" in symbols, "no _FORTIFY_SOURCE")
    trial.must("RPATH" not in dynamic and "RUNPATH" not in dynamic, "a search path for libraries")
    return trial.verdict(samples=6)
