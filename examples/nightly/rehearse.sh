#!/bin/sh
# The nightly run against a proxy that deviates on purpose, in a process of its own: no key, no network, no money.
#   sh examples/nightly/rehearse.sh ["name of a mutant"] [DIR]
# Exits 0 when the run found the deviation (drift), else 1.
set -u
MUTANT=${1:-HTTP 200 for every refusal}
REPORT=${2:-$(mktemp -d)}
mkdir -p "$REPORT"
PYTHON=${PYTHON:-python3}

export VOLCV_API_KEY=sk-rehearsal-0123456789
"$PYTHON" -m contract_tests.mutants.serve --mutant "$MUTANT" > "$REPORT/proxy.log" &
PROXY=$!
trap 'kill $PROXY' EXIT
tries=0
until grep -qs listening "$REPORT/proxy.log" || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done
VOLCV_BASE_URL=$(grep -o 'http://[0-9.:]*' "$REPORT/proxy.log")
export VOLCV_BASE_URL

"$PYTHON" -m contract_tests --target proxy --plan --budget 24 --report "$REPORT" | head -3
"$PYTHON" -m contract_tests --target proxy --budget 24 --rps 100 --report "$REPORT"
CODE=$?
echo "the run ended with $CODE; its report is in $REPORT"
[ $CODE -eq 1 ]
