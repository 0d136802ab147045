"""Small images out of Debian's static busybox, as OCI layouts on disk."""
import gzip
import hashlib
import io
import json
import os
import platform
import tarfile

from world import Skip

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
APPLETS = ("sh", "sleep", "cat", "echo", "id", "env", "pwd", "ls", "stat", "touch", "wc", "test", "true", "httpd", "rm")


def architecture():
    return ARCHITECTURES.get(platform.machine(), platform.machine())


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar(entries):
    """entries: (name, text or None for a directory or "-> target" for a link, keywords of TarInfo)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content, *rest in entries:
            info = tarfile.TarInfo(name)
            info.mode, info.mtime = 0o755, 1700000000
            for key, value in (rest[0] if rest else {}).items():
                setattr(info, key, value)
            data = b""
            if content is None:
                info.type = tarfile.DIRTYPE
            elif isinstance(content, str) and content.startswith("-> "):
                info.type, info.linkname = tarfile.SYMTYPE, content[3:]
            else:
                data = content.encode() if isinstance(content, str) else content
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if data else None)
    return out.getvalue()


def busybox():
    """Entries of a system that has a shell and little else."""
    if not os.path.exists("/bin/busybox"):
        raise Skip("no static busybox (package busybox-static)")
    with open("/bin/busybox", "rb") as file:
        program = file.read()
    directories = [(name, None) for name in ("bin", "etc", "tmp", "proc", "sys", "dev", "root")]
    people = [("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:999:999::/srv:/bin/sh\n", {"mode": 0o644}),
              ("etc/group", "root:x:0:\nweb:x:999:\n", {"mode": 0o644})]
    return directories + [("bin/busybox", program)] + [("bin/" + name, "-> busybox") for name in APPLETS] + people


def docker_archive(path, name, layers, config, machine=None):
    """What `docker save` writes."""
    plain = [tar(entries) for entries in layers]
    image = json.dumps({"os": "linux", "architecture": machine or architecture(), "config": config,
                        "history": [{"created_by": "scenario"} for _ in plain],
                        "rootfs": {"type": "layers", "diff_ids": [digest_of(data) for data in plain]}})
    names = ["%d/layer.tar" % number for number in range(len(plain))]
    manifest = json.dumps([{"Config": "config.json", "RepoTags": [name], "Layers": names}])
    with open(path, "wb") as file:
        file.write(tar([("config.json", image), ("manifest.json", manifest)] + list(zip(names, plain))))


class Layout:
    """An OCI layout being written. add() gives the digest of the image's manifest."""

    def __init__(self, path):
        self.path, self.manifests = path, []
        os.makedirs(path + "/blobs/sha256", exist_ok=True)
        with open(path + "/oci-layout", "w", encoding="ascii") as file:
            file.write('{"imageLayoutVersion":"1.0.0"}')

    @classmethod
    def of(cls, path):
        """One that is there already."""
        layout = cls(path)
        with open(path + "/index.json", encoding="ascii") as file:
            layout.manifests = json.load(file)["manifests"]
        return layout

    def blob(self, data):
        digest = digest_of(data)
        with open("%s/blobs/sha256/%s" % (self.path, digest[7:]), "wb") as file:
            file.write(data)
        return digest

    def descriptor(self, media_type, data, **more):
        return {"mediaType": media_type, "digest": self.blob(data), "size": len(data), **more}

    def add(self, tag, layers, config=None, pack=gzip.compress):
        """layers: lists of entries for tar(), or tar archives; the base first."""
        plain = [layer if isinstance(layer, bytes) else tar(layer) for layer in layers]
        image = {"os": "linux", "architecture": architecture(), "created": "2024-01-02T03:04:05Z", "config": config or {},
                 "history": [{"created_by": "scenario"} for _ in layers],
                 "rootfs": {"type": "layers", "diff_ids": [digest_of(data) for data in plain]}}
        packed = [pack(data) for data in plain]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                    "config": self.descriptor(CONFIG, json.dumps(image).encode()),
                    "layers": [self.descriptor(LAYER, data) for data in packed]}
        entry = self.descriptor(MANIFEST, json.dumps(manifest).encode(),
                                annotations={"org.opencontainers.image.ref.name": tag})
        self.manifests = [other for other in self.manifests
                          if other["annotations"]["org.opencontainers.image.ref.name"] != tag] + [entry]
        with open(self.path + "/index.json", "w", encoding="ascii") as file:
            json.dump({"schemaVersion": 2, "mediaType": INDEX, "manifests": self.manifests}, file)
        return entry["digest"]
