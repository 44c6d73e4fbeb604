# The image of ecs-why: a static binary, its licence and certificates, nothing else; no shell, no user but 65532.
# The build stage runs on the builder's own platform and compiles for that of the image, so nothing is emulated.
#     docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=0.1.0 --tag ecs-why:0.1.0 .
FROM --platform=$BUILDPLATFORM rust:1.95.0-bookworm AS build
# Debian keeps only the newest version of a package, so a pinned one could not be installed for long.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
ARG TARGETARCH
RUN case "$TARGETARCH" in \
        amd64) target=x86_64-unknown-linux-musl ;; \
        arm64) target=aarch64-unknown-linux-musl ;; \
        *) echo "no build for $TARGETARCH" >&2 && exit 1 ;; \
    esac \
    && packaging/static.sh "$target" \
    && packaging/image-root.sh "target/$target/release/ecs-why" /image

FROM scratch
ARG VERSION
ARG REVISION
ARG SOURCE
LABEL org.opencontainers.image.title="ecs-why" \
      org.opencontainers.image.description="Why did my Amazon ECS task die?" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE"
COPY --from=build /image/ /
USER 65532:65532
ENTRYPOINT ["/ecs-why"]
