"""`cmp config` with its options, as users and scripts see it."""
import json

from world import expect, expect_equal, expect_in

FILE = """\
services:
  web:
    image: "nginx:${TAG:-1}"
    depends_on: [db]
    volumes: ["data:/d"]
    gpus: all
  db: {image: "pg:$$1", models: [llm]}
  tool: {image: "t:${TOOL}", profiles: [extra]}
volumes: {data: {}, unused: {}}
models: {llm: {model: "ai/x"}}
"""


def lists_are_lines(world):
    world.write("compose.yaml", FILE)
    for option, lines in (("--services", ["db", "web"]), ("--volumes", ["data"]), ("--networks", ["default"]),
                          ("--images", ["nginx:1", "pg:$1"]), ("--profiles", ["extra"]), ("--models", ["llm"])):
        expect_equal(world.cmp("config", option).out.splitlines(), lines, "config " + option)
    expect_equal(world.cmp("config", "-q").out, "", "config -q")


def files_are_shown_as_they_are_written_without_interpolation(world):
    world.write("compose.yaml", FILE)
    model = json.loads(world.cmp("config", "--no-interpolate", "--format", "json").out)
    expect_equal(model["services"]["web"]["image"], "nginx:${TAG:-1}", "a reference")
    expect_equal(model["services"]["db"]["image"], "pg:$$1", "a dollar")
    expect_equal(sorted(model["services"]), ["db", "tool", "web"], "all services, also of profiles")
    expect_equal(sorted(model["volumes"]), ["data", "unused"], "all volumes")
    expect_in("ignored", world.cmp("config", "--no-interpolate", "web").err, "a name is of no use")


def variables_are_found_in_all_services(world):
    world.write("compose.yaml", "name: ${NAME_OF_IT:-shop}\n" + FILE)
    table = world.cmp("config", "--variables").out.splitlines()
    expect_equal([line.split()[0] for line in table], ["NAME", "NAME_OF_IT", "TAG", "TOOL"], "names")
    found = json.loads(world.cmp("config", "--variables", "--format", "json").out)
    expect_equal(found["TAG"]["DefaultValue"], "1", "a default")


def each_value_is_explained(world):
    world.write("compose.yaml", FILE)
    world.write(".env", "TAG=2\n")
    world.write("over.yaml", "services: {web: {image: 'httpd:${TAG}'}}\n")
    done = world.cmp("-f", "compose.yaml", "-f", "over.yaml", "config", "--explain")
    line = next(line for line in done.out.splitlines() if line.startswith("services.web.image:"))
    expect_equal(" ".join(line.split()),
                 "services.web.image: httpd:2 # over.yaml:1 (overrides compose.yaml:3 nginx:2), ${TAG} from .env:1",
                 "the explanation")
    expect_in("compose.yaml:7:25", done.err, "what has no effect is told with its place")


UNSUPPORTED = """\
services:
  web:
    x-rootfs: host
    command: ["true"]
    cpu_percent: 50
    cpu_count: 2
    deploy:
      replicas: 1
      placement: {constraints: [here]}
  other:
    x-rootfs: host
    command: ["true"]
    isolation: default
    credential_spec:
      file: spec.json
networks:
  default:
    driver: overlay
"""


def what_up_does_not_honour_is_told_once_with_its_place(world):
    file = world.write("compose.yaml", UNSUPPORTED)
    told = [line for line in world.cmp("--dry-run", "up", code=None).err.splitlines() if line.startswith("warning: ")]
    wanted = (("5:5", "services.web.cpu_percent", "has no effect"), ("6:5", "services.web.cpu_count", "has no effect"),
              ("9:7", "services.web.deploy.placement", "not supported yet"),
              ("14:5", "services.other.credential_spec", "has no effect"),
              ("18:5", "networks.default.driver", "'overlay' is not supported"))
    expect_equal([" ".join(line.split()[1:3]) for line in told],
                 ["%s:%s: %s" % (file, place, attribute) for place, attribute, _ in wanted], "warnings")
    for line, (_, _, reason) in zip(told, wanted):
        expect_in(reason, line)


SCENARIOS = [
    lists_are_lines, files_are_shown_as_they_are_written_without_interpolation, variables_are_found_in_all_services,
    each_value_is_explained, what_up_does_not_honour_is_told_once_with_its_place,
]
