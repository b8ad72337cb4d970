#!/bin/sh
# Measures this machine's GPU, the parts that matter most first, without network:
#
#     tests/device/check.sh [--seconds 420] --out DIR [--tiny]
#
# DIR gets NN-part.json as soon as a part has something to say, summary.md and results.json after every part, and log.txt.
# --tiny takes the smallest sizes: a rehearsal on the software adapter. Ends with 1 when a part failed.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
# Python holds its output back otherwise, and a part that is cut would have said nothing.
export PYTHONUNBUFFERED=1
exec "$root/run" test:device "$@"
