#!/bin/bash
# SPDX-License-Identifier: MIT
# What can be said of the package without making it.
# Usage: content_test.sh SOURCE_DIR BUILD_DIR VERSION PWLOG
set -euo pipefail
source=$1 build=$2 version=$3 pwlog=$4
failed=0
wrong() { echo "$*"; failed=1; }

newest=$(sed -n '1s/^pwlog (\([^)]*\)).*/\1/p' "$source/debian/changelog")
[[ $newest == "$version" ]] || wrong "debian/changelog is of $newest, CMakeLists.txt of $version"

# The configuration that is installed names no device, is right otherwise, and says so.
status=0
said=$("$pwlog" run --config "$source/debian/pwlog.toml" 2>&1) || status=$?
(( status == 2 )) && [[ $said == *'has no device'* && $(wc -l <<<"$said") == 1 ]] ||
    wrong "debian/pwlog.toml: status $status: $said"
# Its suggestions, taken, are a configuration that is right.
scratch=$(mktemp -d "${TMPDIR:-/tmp}/pwlog-package-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
sed -E 's/^# (\[\[|id |port |outlets |ca_file )/\1/; s/ca_file/# &/' "$source/debian/pwlog.toml" >"$scratch/pwlog.toml"
said=$("$pwlog" doctor --config "$scratch/pwlog.toml" 2>&1 || true)
[[ $said == 'pass  configuration'*'1 PDU, 1 ATS'* ]] || wrong "debian/pwlog.toml with its devices: $said"

DESTDIR=$scratch/root cmake --install "$build" --prefix /usr >/dev/null
for file in bin/pwlog lib/systemd/system/pwlog{,-once}.service lib/systemd/system/pwlog-once.timer \
    lib/sysusers.d/pwlog.conf lib/udev/rules.d/60-pwlog.rules share/man/man1/pwlog.1 \
    share/bash-completion/completions/pwlog share/doc/pwlog/pwlog.example.toml \
    share/pwlog/kibana/dashboard-powerwalker-overview.json share/pwlog/mappings/ilm/powerwalker.json; do
    [[ -f $scratch/root/usr/$file ]] || wrong "not installed: /usr/$file"
done
grep -q '^ExecStart=/usr/bin/pwlog ' "$scratch/root/usr/lib/systemd/system/pwlog.service" ||
    wrong 'the unit does not name the installed program'
! grep -q '=/bin/kill' "$scratch"/root/usr/lib/systemd/system/*.service ||
    grep -q '^Depends: .*procps' "$source/debian/control" || wrong 'a unit calls /bin/kill: the package needs procps'
grep -rlF "$source" "$scratch/root/usr/lib" "$scratch/root/usr/share" && wrong 'these name the source tree'
exit $failed
