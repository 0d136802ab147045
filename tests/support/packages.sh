# Sourced by tests/run and compose-examples/*/run: installs the Debian packages they need, if any is missing.
# shellcheck shell=bash

packages_to_build=(g++ cmake ninja-build pkg-config ccache libyaml-cpp-dev libcli11-dev libnl-3-dev libnl-route-3-dev
  nlohmann-json3-dev doctest-dev libfmt-dev libmd-dev libseccomp-dev libarchive-dev
  libcurl4-openssl-dev libssl-dev libzstd-dev zlib1g-dev)
packages_of_the_quickstart=(nginx-light redis-server python3 curl)
packages_of_the_registry=(docker-registry apt dpkg python3 curl)
packages_of_builds=(buildah)
packages_to_test=(clang clang-tidy clang-format libclang-rt-14-dev iproute2 nftables procps strace diffutils tmux man-db
  mandoc user-mode-linux busybox-static dnsutils util-linux docker-registry openssl zstd dpkg-dev file xfsprogs
  e2fsprogs)

# What dpkg does not call installed, of the packages named.
missing_packages() {
  local package
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == 'install ok installed' ]] || echo "$package"
  done
}

# A package's service must not start because a test wants its program: policy-rc.d says no to invoke-rc.d. One that is
# there already stays as it is.
install_packages() {
  local missing policy=/usr/sbin/policy-rc.d ours=
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if [[ $(id -u) != 0 ]]; then
    echo "missing packages: ${missing[*]}; as root this script would install them" >&2
    return 1
  fi
  echo "installing: ${missing[*]}" >&2
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && ours=yes
  fi
  local status=0
  { apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >&2 || status=$?
  [[ -z $ours ]] || rm -f "$policy"
  return $status
}
