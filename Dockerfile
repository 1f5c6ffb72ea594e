# syntax=docker/dockerfile:1
# Two stages: one that installs and builds the database, one that only serves it.
FROM node:26-alpine AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image brings its own Node, and better-sqlite3 its own binary: nothing is compiled, and no install script runs.
RUN npm ci --omit=dev --omit=optional && rm -r node_modules/better-sqlite3/deps node_modules/better-sqlite3/src
COPY src ./src
COPY migrations ./migrations
COPY seed-data ./seed-data
RUN node src/commands/seed.ts
# Has Node keep what it compiles, in node_modules/.cache: a start takes half the time with it.
RUN node src/commands/warm.js

FROM node:26-alpine
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATABASE_PATH=/app/data/metrics.db
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/src ./src
COPY --from=build /app/data ./data
# An ordinary user, by number, so that an orchestrator can see that it is not root; it owns nothing here.
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The file system may be read-only, and Node itself refuses to write, to start a process or a thread; no shell is needed. The
# one right to write is asked of who reads compiled code, and given up before anything else is loaded. The two warnings say that
# native code could get round all that, as SQLite could, and that the flag for the network is new.
CMD ["node", "--v8-pool-size=1", "--max-semi-space-size=4", "--max-old-space-size=768", "--permission", "--allow-fs-read=*", "--allow-fs-write=./node_modules/.cache/counternarcotics-metrics-api", "--allow-addons", "--allow-net", "--disable-warning=PERM0001", "--disable-warning=ExperimentalWarning", "src/server.js"]
