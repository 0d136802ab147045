"""Real images from a registry that stands in for Docker Hub."""
import importlib.machinery
import importlib.util
import os

from world import Skip

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
IMAGES = os.environ.get("CMP_IMAGES", TREE + "/build/images")


def stand_in(world, *names):
    """A registry with these images of tests/images/make; cmp finds it in place of docker.io."""
    for name in names:
        if not os.path.exists("%s/%s/made" % (IMAGES, name)):
            raise Skip("no image '%s' in %s (tests/images/make)" % (name, IMAGES))
    loader = importlib.machinery.SourceFileLoader("stand_in", TREE + "/tests/images/registry")
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("stand_in", loader))
    loader.exec_module(module)
    _, world.env["CMP_REGISTRIES"] = module.stand_in(world, IMAGES, names)
