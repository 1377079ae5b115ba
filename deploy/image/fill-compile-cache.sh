#!/bin/sh
# Runs the program in the build so that Node keeps what it compiled on the way. What starts often goes up to a database and
# an API server that do not answer, so that its functions are kept too. Once with the flags of the entry point and once
# without any, as `kubectl exec` and the program's own children run: a cache made under other flags is refused.
set -u
cd /app
export MALLSYNC_LEAN=1 NODE_COMPILE_CACHE=/app/compile-cache KUBECONFIG=/tmp/kubeconfig POD_NAMESPACE=build
export MALLSYNC_DATABASE_URL=postgres://build:build@127.0.0.1:9/build
export MALLSYNC_ENCRYPTION_KEYS="build:$(head -c 32 /dev/zero | base64)"
cat > "$KUBECONFIG" <<'YAML'
apiVersion: v1
kind: Config
current-context: build
contexts: [{ name: build, context: { cluster: build, user: build } }]
clusters: [{ name: build, cluster: { server: 'https://127.0.0.1:9' } }]
users: [{ name: build, user: { token: build } }]
YAML
period='--start-date 2025-12-01T00:00:00 --end-date 2025-12-02T00:00:00'
for flags in '--max-semi-space-size=4 --heap-growing-percent=25' ''; do
  for command in "sync --mall-id 1 --domain-type MEMBER $period" 'controller --job-image build' nightly migrate prune 'malls list'; do
    timeout 60 node $flags src/main.ts $command > /tmp/output 2>&1
    code=$?
    # any other end than "no database" means that a part of the program is missing
    [ $code = 69 ] || { echo "mallsync $command ended with $code:"; cat /tmp/output; exit 1; }
  done
done
