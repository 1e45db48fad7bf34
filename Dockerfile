# One image for each service, all from this file:
#
#   docker build --build-arg SERVICE=ledger --tag common-purse/ledger .
#
# and two that run no service: `--target tools` (migrations, and what an operator types) and `--target emulator` (a Telegram
# to try the bot with). An image holds Node, one service, and the packages which that service needs at run time. The .ts files
# are run as they are; what Node makes of them is kept beside them, so that nothing is compiled at start.

ARG NODE_IMAGE=node:24-slim
# gateway, auth, ledger, audit or bot.
ARG SERVICE=gateway

# ------------------------------------------------------------------ Node, and no package manager

FROM ${NODE_IMAGE} AS node-alone
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share/man /usr/local/share/doc /opt/yarn* \
    /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn*

# As one layer, that what was removed takes no room.
FROM scratch AS base
COPY --from=node-alone / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="Common Purse" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

# ------------------------------------------------------------------ packages

# The manifests alone: packages are installed again when these change, and not with every line of code.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
RUN --mount=type=bind,target=/context cd /context \
 && cp --parents package.json package-lock.json .npmrc libs/*/package.json services/*/package.json tools/telegram/package.json /app
# What the repository's own tools need is left out; it would bring along the command line of Prisma. Versions stay the lock file's.
RUN npm pkg delete devDependencies optionalDependencies
ENV npm_config_ignore_scripts=true npm_config_prefer_offline=true npm_config_audit=false npm_config_omit=peer

FROM manifests AS packages
ARG SERVICE
RUN --mount=type=cache,target=/root/.npm npm install --workspace "services/${SERVICE}" --omit=dev
# Declarations, source maps, and Prisma's compilers of queries for other databases.
RUN find . \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete \
 && find . -path '*/@prisma/client/runtime/*' -regex '.*\.\(mysql\|sqlite\|sqlserver\|cockroachdb\)\..*' -delete

# ------------------------------------------------------------------ the browser pages, for the gateway

FROM manifests AS pages
RUN --mount=type=cache,target=/root/.npm npm install --workspace services/web
COPY tsconfig.base.json ./
COPY libs libs
COPY services/web services/web
RUN npm run build --workspace services/web

FROM scratch AS own-auth
FROM scratch AS own-ledger
FROM scratch AS own-audit
FROM scratch AS own-bot
FROM scratch AS own-gateway
COPY docs/api docs/api
COPY --from=pages /app/services/web/dist services/web/dist
FROM own-${SERVICE} AS own

# ------------------------------------------------------------------ what an operator runs

FROM manifests AS tools-packages
RUN --mount=type=cache,target=/root/.npm \
    npm install --workspace services/auth --workspace services/ledger --workspace services/audit --omit=dev

FROM base AS tools
LABEL org.opencontainers.image.title="common-purse/tools" \
      org.opencontainers.image.description="Migrations and the commands of an operator"
COPY --from=tools-packages /app ./
COPY libs libs
COPY services services
COPY tools tools
RUN install -d -o 10001 -g 10001 /secrets
USER 10001:10001
ENTRYPOINT ["node"]
CMD ["tools/migrate.ts"]

# ------------------------------------------------------------------ a Telegram to try the bot with

FROM manifests AS emulator-packages
RUN --mount=type=cache,target=/root/.npm npm install --workspace tools/telegram --omit=dev

FROM base AS emulator
LABEL org.opencontainers.image.title="common-purse/emulator" \
      org.opencontainers.image.description="A Telegram server with a chat page, to try the bot; not for production"
COPY --from=emulator-packages /app ./
COPY tools/telegram tools/telegram
USER 10001:10001
CMD ["node", "tools/telegram/main.ts"]

# ------------------------------------------------------------------ a service

FROM base AS code
ARG SERVICE
COPY --from=packages /app ./
COPY libs libs
COPY services/${SERVICE} services/${SERVICE}
COPY --from=own / ./
COPY deploy/docker/ask.mjs LICENSE ./
RUN ln -s "services/${SERVICE}" service && install -d -o 10001 -g 10001 .compiled /spool
ENV NODE_COMPILE_CACHE=/app/.compiled
# Without settings a service loads all of itself, says what is missing, and ends. Node finds what it kept only as the same user.
USER 10001:10001
RUN ! node service/src/main.ts 2>&1 | grep -v '"msg":"Wrong or missing settings' \
 && test -n "$(find .compiled -type f)" && chmod -R a+rX .compiled

FROM base AS service
ARG SERVICE
LABEL org.opencontainers.image.title="common-purse/${SERVICE}" \
      org.opencontainers.image.description="The ${SERVICE} service of Common Purse"
COPY --from=code --chown=0:0 /app ./
# For the gateway's access lines: ACCESS_SPOOL_DIR, on a volume.
COPY --from=code --chown=10001:10001 /spool /spool
ENV NODE_COMPILE_CACHE=/app/.compiled
USER 10001:10001
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=1s CMD ["node", "ask.mjs"]
CMD ["node", "service/src/main.ts"]
