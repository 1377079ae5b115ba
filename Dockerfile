# A machine without a registry passes its own base: --build-arg NODE_IMAGE=…
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
# A private npm registry: --build-arg NPM_CONFIG_REGISTRY=…, or a folder .npm-build beside this file (git does not take it)
# with an npmrc and a ca.pem, certificates to trust besides the known ones. None of it reaches the image.
ARG NPM_CONFIG_REGISTRY
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY .npmrc .npm-build* /npm/
RUN if [ -f /npm/ca.pem ]; then export NODE_EXTRA_CA_CERTS=/npm/ca.pem; fi \
 && NPM_CONFIG_USERCONFIG=/npm/npmrc NPM_CONFIG_UPDATE_NOTIFIER=false \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund --cache /tmp/npm-cache
# What no process reads: types and sources (Node refuses TypeScript below node_modules), source maps, tests, docs, and the
# binaries of another runtime.
RUN find node_modules -depth \
      \( -type d \( -name test -o -name tests -o -name '*.test' -o -name docs -o -name example -o -name examples -o -name benchmarks \) \
      -o -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -name '*.bare' -o -name '*.test.js' \
                    -o -iname '*.md' ! -iname 'licen[sc]e*' ! -iname 'notice*' \) \) -exec rm -rf {} + \
 && find node_modules -type d -empty -delete \
 && install -d -o 10001 /app/compile-cache
COPY migrations ./migrations
COPY src ./src
COPY deploy/image/fill-compile-cache.sh /tmp/
# The cache serves this Node, this user and processors with the features of this one; elsewhere the program starts without.
USER 10001:10001
RUN sh /tmp/fill-compile-cache.sh
USER 0:0
RUN mkdir -p /image/usr/local/bin /image/app \
 && ln -s /app/src/main.ts /image/usr/local/bin/mallsync \
 && mv package.json migrations src compile-cache /image/app/ \
 && chown -R 0:0 /image node_modules && chmod -R a+rX,go-w /image node_modules

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION
LABEL org.opencontainers.image.title="mallsync" \
      org.opencontainers.image.description="Reads the members, orders and sales of many Cafe24 malls into one PostgreSQL." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Two layers: the dependencies, which stay the same over most versions, and the program.
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /image/ /
# The settings of src/commands/lean-process.ts from the start: without the mark, `sync` and `controller` would start twice.
ENV NODE_COMPILE_CACHE=/app/compile-cache \
    MALLSYNC_LEAN=1 \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=25", "/app/src/main.ts"]
