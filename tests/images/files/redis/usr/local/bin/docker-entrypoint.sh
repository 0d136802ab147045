#!/bin/sh
# As root: the data goes to redis, and the server is redis'. Options alone are the server's.
set -e
case ${1-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  chown -R redis:redis .
  # A container has no interface but its own: asked by others it must answer.
  set -- "$@" --protected-mode no
  exec setpriv --reuid redis --regid redis --init-groups -- "$@"
fi
exec "$@"
