# One image with all programs: ingest, worker, migrate. The service's command selects the program.
ARG RUST=rust:1.95-slim-trixie
ARG RUNTIME=debian:trixie-slim

FROM ${RUST} AS chef
RUN cargo install cargo-chef --locked --version 0.1.78 \
    && cargo install cargo-about --locked --version 0.9.3 --features cli
WORKDIR /src

# The list of dependencies only: changes of our own code do not change it.
FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS builder
# "dev" builds in half the time, to try the image.
ARG PROFILE=release
COPY --from=planner /src/recipe.json recipe.json
# The slow layer. It is rebuilt only when dependencies change.
RUN cargo chef cook --locked --profile "$PROFILE" --recipe-path recipe.json \
        -p ingest -p worker -p migrations
# The licences of what is compiled in.
COPY about.toml about.hbs ./
COPY deploy/notices deploy/
RUN deploy/notices /THIRD-PARTY-NOTICES
COPY . .
# The commit, for the metric build_info: --build-arg COMMIT=$(git rev-parse --short HEAD)
ARG COMMIT=unknown
ENV BUILD_COMMIT=$COMMIT
RUN cargo build --locked --profile "$PROFILE" --bins -p ingest -p worker -p migrations \
    && folder=target/$PROFILE && if [ "$PROFILE" = dev ]; then folder=target/debug; fi \
    && mkdir /out && cp "$folder/ingest" "$folder/worker" "$folder/migrate" /out/ \
    && strip --strip-debug /out/*

FROM ${RUNTIME}
# Certificates and time zones are compiled in: of the system the programs need only libc.
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin bridge
COPY --from=builder /out/ /usr/local/bin/
COPY --from=builder /THIRD-PARTY-NOTICES /src/LICENSE /usr/share/doc/bukza-bridge/
COPY deploy/ready /usr/local/bin/ready
USER 10001:10001
WORKDIR /
CMD ["worker", "--help"]
