# SPDX-License-Identifier: MIT
"""what the daemon ships is imported beside it as well, twice, and one import is killed"""
ROWS = "11"
SECONDS = 120


def run(trial):
    trial.begin()
    trial.evidence.books_exact = False  # what the import has brought first is a duplicate for the daemon
    trial.sampled(4)
    archive = trial.scratch.path / "archive.ndjson"
    archive.write_text(trial.run("spool", "export").stdout)
    documents = len(archive.read_text().splitlines())
    killed = trial.spawn("backfill", "--no-events", "--fresh", archive)
    trial.pause(trial.chance.uniform(0, 0.3))
    killed.kill()
    killed.wait()
    for _ in range(2):
        done = trial.run("backfill", "--json", "--no-events", "--fresh", archive)
        trial.must(done.returncode == 0, done.stderr)
        summary = trial.parsed(done.stdout)
        trial.must(summary["stored"] + summary["duplicate"] == documents, "%d documents: %s" % (documents, summary))
    trial.must(summary["stored"] == 0, "a second import stored something: %s" % summary)
