# SPDX-License-Identifier: MIT
"""The commands and configurations in README and docs, for the tests that hold them against the program."""
import pathlib
import re
import shlex

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "mappings/README.md", ROOT / "CONTRIBUTING.md"]
SHELL = ("sh", "bash", "shell")


def blocks(path):
    """(language, number of its first line, lines) of each block."""
    language, lines, begin = None, [], 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.strip() if line.lstrip().startswith("```") or language in SHELL else line
        if not line.startswith("```"):
            lines.append(line)
        elif language is None:
            language, lines, begin = line[3:].strip(), [], number + 1
        else:
            yield language, begin, lines
            language = None


def shown(path):
    """(line number, command, the lines below it) of what stands behind a prompt."""
    for language, begin, lines in blocks(path):
        found = []
        for number, line in enumerate(lines, begin):
            if line.startswith("$ ") and language not in SHELL:
                found.append((number, line[2:], []))
            elif found:
                found[-1][2].append(line)
        yield from found


def plain(path):
    """(line number, command) of blocks of shell."""
    for language, begin, lines in blocks(path):
        pending = ""
        for number, line in enumerate(lines if language in SHELL else [], begin):
            pending += line
            if pending.endswith("\\"):
                pending = pending[:-1]
            elif pending:
                yield number, pending
                pending = ""


def commands(path):
    """(line number, command) of both."""
    yield from sorted([*plain(path), *(command[:2] for command in shown(path))])


def words_of(command):
    words = shlex.split(command, comments=True)
    while words and (words[0] in ("sudo", "nice") or re.match(r"[A-Z_]+=", words[0]) and len(words) > 1):
        words = words[1:]
    return words


def configurations(path):
    """(line number, text) of each configuration, or piece of one."""
    for language, begin, lines in blocks(path):
        if language == "toml":
            yield begin, "\n".join(lines) + "\n"


def headings(path):
    """As a forge makes anchors of them."""
    return {re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            for line in path.read_text().splitlines() if line.startswith("#")}


def broken_links(path):
    """Those to files or headings that are not there."""
    for link in re.findall(r"\]\(([^)]+)\)", path.read_text()):
        file, _, heading = link.partition("#")
        target = path.parent / file if file else path
        if "://" not in link and not (target.exists() and (not heading or heading in headings(target))):
            yield link
