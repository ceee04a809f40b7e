#!/bin/sh
# Publishes dist/ as VERSION. The folder REGISTRY stands for a registry; a version is published once.
set -eu
: "${REGISTRY:?is not set: the folder that stands for the registry}" "${VERSION:?is not set: the tag}"
[ -f dist/manifest.json ] || { echo "dist/ has not been downloaded" >&2; exit 1; }
[ ! -e "$REGISTRY/$VERSION" ] || { echo "$VERSION is published already" >&2; exit 1; }
mkdir -p "$REGISTRY"
cp -R dist "$REGISTRY/$VERSION"
echo "published $VERSION"
