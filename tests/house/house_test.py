#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The rooms of src/ against the floors that docs/architecture.md draws: no include runs up, or across a floor; every room
stands on one; no folder is too large to look through."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_LINES = 6000  # of a room
MOST_FILES = 50  # in one folder


def drawn_floors(text):
    """{room: floor}, 0 at the top, from the numbered list under "Floors"."""
    listed = text.split("\n## Floors\n", 1)[1].split("\n## ", 1)[0]
    floors = re.findall(r"^\d+\. (.+)$", listed, re.M)
    return {room: floor for floor, line in enumerate(floors) for room in re.findall(r"`(\w+)`", line)}


def rooms_on_disk(source):
    return {folder.name: sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cpp"))
            for folder in source.iterdir() if folder.is_dir()}


def wrong_arrows(rooms, floors, source):
    wrong = []
    for room, files in rooms.items():
        for file in files:
            for included in re.findall(r'^#include "([^"/]+)/', file.read_text(), re.M):
                if included == room:
                    continue
                if included not in floors:
                    wrong.append(f"{file.relative_to(source)} includes {included}/…, which is no room")
                elif floors[included] <= floors.get(room, -1):
                    wrong.append(f"{file.relative_to(source)} includes {included}/…, which does not stand below {room}")
    return wrong


def too_large(rooms, source):
    wrong = []
    for room, files in rooms.items():
        lines = sum(len(file.read_text().splitlines()) for file in files)
        if lines > MOST_LINES and not any(file.parent != source / room for file in files):
            wrong.append(f"src/{room} has {lines} lines, more than {MOST_LINES}: look for the second idea")
        for folder in {file.parent for file in files}:
            here = [file for file in files if file.parent == folder]
            lines = sum(len(file.read_text().splitlines()) for file in here)
            if len(here) > MOST_FILES or lines > MOST_LINES:
                wrong.append(f"{folder.relative_to(source)} has {len(here)} files of {lines} lines at one level")
    return wrong


def main():
    source = ROOT / "src"
    floors = drawn_floors((ROOT / "docs/architecture.md").read_text())
    rooms = rooms_on_disk(source)
    wrong = [f"src/{room} stands on no floor of docs/architecture.md" for room in rooms if room not in floors]
    wrong += [f"docs/architecture.md draws {room}, which src/ does not have" for room in floors if room not in rooms]
    wrong += wrong_arrows(rooms, floors, source) + too_large(rooms, source)
    for line in wrong:
        print(line)
    print(f"{len(rooms)} rooms on {len(set(floors.values()))} floors, {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


main()
