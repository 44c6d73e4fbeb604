#!/usr/bin/env bash
# packaging/image-root.sh BINARY FOLDER: the whole file system of the container image: the static binary, its licence,
# and the certificates by which it knows AWS. The TLS library reads those of the system, from this path on Debian
# (https://docs.rs/rustls-native-certs); an image made from nothing has none, and every call would fail. SSL_CERT_FILE
# names another bundle, here as in a container.
set -euo pipefail
certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
licence="$(dirname "$0")/../LICENSE"
[ -s "$certificates" ] || { echo "packaging/image-root.sh: no certificates in $certificates" >&2 && exit 1; }
install -D --mode=755 -- "$1" "$2/ecs-why"
install -D --mode=644 -- "$licence" "$2/LICENSE"
install -D --mode=644 -- "$certificates" "$2/etc/ssl/certs/ca-certificates.crt"
