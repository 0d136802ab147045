"""The images: Debian's packages in the shape of the popular ones, with entry point, user, volumes and ports."""
import os

import packages

FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "files")
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def redis(layer):
    layer.directory("data", uid=999, gid=999)


def nginx(layer):
    layer.link("var/log/nginx/access.log", "/dev/stdout")
    layer.link("var/log/nginx/error.log", "/dev/stderr")
    layer.directory("docker-entrypoint.d")
    layer.directory("var/lib/nginx", uid=101)
    layer.file("usr/share/nginx/html/index.html", "<!DOCTYPE html><title>nginx</title><h1>It works</h1>\n", mode=0o644)


def postgres(layer):
    layer.directory("var/lib/postgresql/data", uid=999, gid=999, mode=0o1777)
    layer.directory("docker-entrypoint-initdb.d")


def python(layer):
    for name in ("python", "python3"):
        layer.link("usr/local/bin/" + name, "/usr/bin/python3")


# name → tag, packages, user (name, number, home), what else is in it, configuration
RECIPES = {
    "debian": ("12-slim", [], None, None, {"Env": [PATH], "Cmd": ["bash"]}),
    "redis": ("7", ["redis-server", "redis-tools"], ("redis", 999, "/data"), redis,
              {"Env": [PATH], "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["redis-server"], "Volumes": {"/data": {}},
               "WorkingDir": "/data", "ExposedPorts": {"6379/tcp": {}}}),
    "nginx": ("1.22", ["nginx-light"], ("nginx", 101, "/nonexistent"), nginx,
              {"Env": [PATH], "Entrypoint": ["/docker-entrypoint.sh"], "Cmd": ["nginx", "-g", "daemon off;"],
               "ExposedPorts": {"80/tcp": {}}, "StopSignal": "SIGQUIT"}),
    "postgres": ("15", ["postgresql-15", "postgresql-client-15"], ("postgres", 999, "/var/lib/postgresql"), postgres,
                 {"Env": [PATH + ":/usr/lib/postgresql/15/bin", "LANG=C.UTF-8", "PGDATA=/var/lib/postgresql/data"],
                  "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["postgres"], "ExposedPorts": {"5432/tcp": {}},
                  "Volumes": {"/var/lib/postgresql/data": {}}, "StopSignal": "SIGINT"}),
    "python": ("3.11-slim", ["python3"], None, python, {"Env": [PATH, "LANG=C.UTF-8"], "Cmd": ["python3"]}),
}


def add_user(layer, base, user):
    name, number, home = user
    for file, line in (("etc/passwd", "%s:x:%d:%d::%s:/bin/sh\n" % (name, number, number, home)),
                       ("etc/group", "%s:x:%d:\n" % (name, number))):
        layer.file(file, base.members[file][1] + line.encode(), mode=0o644)


def layers_of(name, cache, base, base_files):
    """The image's layers as tar archives, the base first."""
    _, wanted, user, more, _ = RECIPES[name]
    layers = [base.tar()]
    if wanted:
        layer = packages.Layer()
        for file in packages.files_of(cache, packages.BASE + wanted):
            if file not in base_files:
                layer.package(cache + "/" + file)
        layers.append(layer.tar())
    own = packages.Layer()
    if user:
        add_user(own, base, user)
    if more:
        more(own)
    own.tree("%s/%s" % (FILES, name))
    return layers + ([own.tar()] if own.members else [])
