"""Images from registries that are not where their names say: behind a redirection, a mirror, a proxy."""
import json

import registry
from pulling import compose, layout_of, pull_from
from world import expect, expect_in


def a_redirected_blob_is_followed_without_the_password(world):
    seen = []
    layout = layout_of(world)

    def far(handler, data, count):
        seen.append(handler.headers.get("Authorization"))
        return False
    storage = registry.Faulty(layout, far)

    def near(handler, data, count):
        handler.answer(307, Location="http://%s%s" % (storage.address, handler.path))
        return True
    try:
        pull_from(world, near, layout=layout)
    finally:
        storage.close()
    expect(seen and not any(seen), "the password went to the storage: %s" % seen)


def a_mirror_is_asked_first_and_its_failure_is_no_end(world):
    layout = layout_of(world)
    mirror = registry.Faulty(layout)
    faulty = registry.Faulty(layout)
    try:
        compose(world, faulty.address + "/app:1")
        for urls, asked in ((["http://" + mirror.address], mirror), (["http://127.0.0.1:1"], faulty)):
            world.write("registries.json", json.dumps({faulty.address: {"mirrors": urls}}))
            world.cmp("pull", env={"CMP_REGISTRIES": world.dir + "/registries.json"})
            expect(asked.asked, "nobody has asked %s" % urls)
    finally:
        mirror.close()
        faulty.close()


def a_proxy_of_the_environment_is_asked_but_not_for_this_machine(world):
    proxy = registry.Faulty(layout_of(world))
    away = {"HTTP_PROXY": "http://" + proxy.address, "HTTPS_PROXY": "http://127.0.0.1:1"}
    try:
        compose(world, "registry.invalid/app:1")
        world.write("registries.json", json.dumps({"registry.invalid": {"plain_http": True}}))
        known = {"CMP_REGISTRIES": world.dir + "/registries.json"}
        world.cmp("pull", env={**known, **away})
        expect(all(path.startswith("http://registry.invalid/v2/") for path in proxy.asked), "asked: %s" % proxy.asked)
        expect_in("registry.invalid", world.cmp("pull", code=1, env={**known, **away, "NO_PROXY": "registry.invalid"}).err)
        compose(world, proxy.address + "/app:1")
        world.cmp("pull", env={**away, "HTTP_PROXY": "http://127.0.0.1:1"})
        expect(proxy.asked[-1].startswith("/v2/"), "a registry of this machine was asked for through a proxy")
    finally:
        proxy.close()


SCENARIOS = [
    a_redirected_blob_is_followed_without_the_password,
    a_mirror_is_asked_first_and_its_failure_is_no_end,
    a_proxy_of_the_environment_is_asked_but_not_for_this_machine,
]
