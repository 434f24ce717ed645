#!/bin/bash
# SPDX-License-Identifier: MIT
# Installs to a scratch prefix and asks systemd what it thinks of the units.
# Usage: units_test.sh BUILD_DIR
set -euo pipefail
build=$1
most_exposure=2.0

if ! command -v systemd-analyze >/dev/null; then
    echo "skipped: systemd-analyze is not installed here"
    exit 77
fi

prefix=$(mktemp -d "${TMPDIR:-/tmp}/pwlog-units-XXXXXX")
trap 'rm -rf "$prefix"' EXIT
cmake --install "$build" --prefix "$prefix" >/dev/null

units=("$prefix"/lib/systemd/system/pwlog.service "$prefix"/lib/systemd/system/pwlog-once.service
    "$prefix"/lib/systemd/system/pwlog-once.timer)
for file in "${units[@]}" "$prefix"/lib/sysusers.d/pwlog.conf "$prefix"/lib/udev/rules.d/60-pwlog.rules \
    "$prefix"/share/doc/pwlog/pwlog.example.toml "$prefix"/share/man/man1/pwlog.1 \
    "$prefix"/share/bash-completion/completions/pwlog "$prefix"/share/pwlog/mappings/ilm/powerwalker.json; do
    [[ -f $file ]] || { echo "not installed: $file"; exit 1; }
done

failed=0
if ! report=$(systemd-analyze verify --man=no "${units[@]}" 2>&1) || [[ -n $report ]]; then
    echo "systemd-analyze verify: $report"
    failed=1
fi

for unit in pwlog.service pwlog-once.service; do
    exposure=$(systemd-analyze security --offline=true --no-pager "$prefix/lib/systemd/system/$unit" |
        sed -n 's/.*Overall exposure level for .*: \([0-9.]*\).*/\1/p')
    echo "$unit: exposure $exposure, at most $most_exposure"
    awk -v is="$exposure" -v most="$most_exposure" 'BEGIN { exit !(is != "" && is + 0 <= most) }' || failed=1
done

"$prefix/bin/pwlog" --version >/dev/null || { echo "the installed program does not run"; failed=1; }
exit $failed
