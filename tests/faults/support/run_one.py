# SPDX-License-Identifier: MIT
"""One round of one fault, in a process of its own: run_one.py FAULT ROUND SEED NODE RESULT."""
import dataclasses
import importlib.util
import json
import pathlib
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from oracle import Verdict  # noqa: E402
from trial import Failed, Skipped, Trial  # noqa: E402


def load(name):
    spec = importlib.util.spec_from_file_location("fault_" + name, HERE.parent / (name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    name, number, seed, node, result = sys.argv[1:]
    trial = Trial(name, int(number), int(seed), node)
    verdict, said = Verdict(), {"status": "ok"}
    try:
        found = load(name).run(trial)
        verdict = found if isinstance(found, Verdict) else trial.finish()
    except Skipped as reason:
        said = {"status": "skipped", "reason": str(reason)}
    except (Failed, SystemExit) as reason:
        said = {"status": "failed", "reason": str(reason)}
    except Exception:  # a fault of the trial itself must not pass for none
        said = {"status": "failed", "reason": traceback.format_exc()}
    said.update(dataclasses.asdict(verdict), notes=trial.notes)
    bad = said["status"] == "failed" or verdict.lost or verdict.twice or verdict.wrong or verdict.untold
    if bad:
        print(trial.log()[-6000:], file=sys.stderr)
    pathlib.Path(result).write_text(json.dumps(said))


main()
