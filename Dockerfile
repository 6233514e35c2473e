# Houston on Node 24. Build: docker build -t houston .
FROM node:24-slim AS build
WORKDIR /houston
COPY package.json package-lock.json .npmrc ./
COPY scripts scripts
COPY prisma prisma
# The image brings its own Node and connects to a PostgreSQL of its own: the npm copies of both stay out.
RUN npm ci --ignore-scripts --omit=optional && node scripts/generate.mjs
COPY . .
RUN npm prune --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /houston
COPY --from=build /houston/node_modules node_modules
COPY --from=build /houston/package.json /houston/schema.graphql /houston/alpha.graphql ./
COPY --from=build /houston/prisma prisma
COPY --from=build /houston/src src
# Deployments get the package with which Airflow takes Houston's tokens.
COPY --from=build /houston/airflow airflow
USER node
# 8871 serves clients; 8872 serves metrics and probes and stays inside the cluster.
EXPOSE 8871 8872
# Settings that save memory; docs/tuning.md explains each. `npm start` runs without them.
ENV MALLOC_ARENA_MAX=2
ENV MALLOC_MMAP_THRESHOLD_=131072
ENV NODE_OPTIONS="--max-semi-space-size=8"
# Node accepts these flags of V8 on its command line only.
CMD ["node", "--no-allocation-site-pretenuring", "--memory-saver-mode", "src/main.ts"]
