# Sourced by compose-examples/*/run, in the tree's top directory: what they have in common.
# shellcheck shell=bash
source tests/support/packages.sh

# build_cmp PACKAGES… [-- -j JOBS]: installs what is missing and builds cmp; it is first on PATH then.
build_cmp() {
  local packages=() jobs
  while (($#)) && [[ $1 != -- ]]; do
    packages+=("$1")
    shift
  done
  shift
  jobs=$(nproc)
  [[ ${1-} != -j ]] || jobs=${2:?-j needs a number}
  if [[ $(id -u) != 0 ]]; then
    echo "this needs root: namespaces, bridges and control groups" >&2
    exit 1
  fi
  install_packages "${packages_to_build[@]}" "${packages[@]}"
  echo "building cmp (a few minutes the first time)"
  mkdir -p build
  { cmake --preset release && cmake --build build/release -j "$jobs" --target cmp; } >build/example.log 2>&1 || {
    tail -30 build/example.log >&2
    exit 1
  }
  PATH=$PWD/build/release:$PATH
}

# in_registry SCRIPT ARGUMENTS…: starts the script again beside a registry that has real images, unless it is there.
in_registry() {
  [[ -z ${CMP_REGISTRIES-} ]] || return 0
  echo "making images out of Debian packages (a minute the first time)"
  tests/images/make
  exec tests/images/registry "$@"
}

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}
