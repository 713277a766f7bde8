#!/usr/bin/env bash
# Makes the Debian base image that the Dockerfile builds on where no registry can be reached, in the engine that DOCKER_HOST names.
#   eng/base-image.sh [suite] [tag]      bookworm, debian:bookworm-slim
set -euo pipefail
suite=${1:-bookworm}
tag=${2:-debian:$suite-slim}
if docker image inspect "$tag" >/dev/null 2>&1; then
    echo "$tag is there"
    exit 0
fi
command -v mmdebstrap >/dev/null || { echo "cannot make $tag: mmdebstrap is missing (apt-get install mmdebstrap)" >&2; exit 1; }
mmdebstrap --quiet --variant=minbase --include=ca-certificates "$suite" - | docker import - "$tag" >/dev/null
echo "$tag made"
