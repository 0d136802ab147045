// All independent errors are reported at once, whatever phase or file they belong to, and none that only follows from
// another one.

#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "project_folder.hpp"

namespace {

using namespace cmp;           // NOLINT(google-build-using-namespace): a test of this namespace
using namespace cmp::compose;  // NOLINT(google-build-using-namespace)

std::string errors_of(const std::string& text) {
  ProjectFolder folder;
  folder.write("compose.yaml", text);
  return folder.errors();
}

struct Case {
  const char* what;
  const char* text;
  const char* expected;
};

TEST_CASE("errors of different phases are reported together") {
  const std::vector<Case> cases = {
      {"an unknown key does not hide an unknown dependency",
       "services:\n  a: {image: x, imagee: y}\n  b: {image: x, depends_on: [c]}\n",
       "compose.yaml:2:17: services.a: additional properties 'imagee' not allowed, did you mean 'image'?\n"
       "compose.yaml:3:30: service \"b\" depends on undefined service \"c\" (defined: a, b)"},
      {"interpolation does not hide the schema", "services:\n  a: {image: '${X:?set it}'}\n  b: {image: [x]}\n",
       "compose.yaml:2:14: services.a.image: required variable 'X' is missing a value: set it\n"
       "compose.yaml:3:14: services.b.image must be a string, but is a list"},
      {"a key that occurs twice does not hide anything",
       "services:\n  a:\n    image: x\n    image: y\n    ports: ['a:b']\n",
       "compose.yaml:4:5: key 'image' is already defined at line 3\n"
       "compose.yaml:5:13: services.a.ports[0]: invalid containerPort: b"},
      {"a short form does not hide a cycle, nor a cycle a duplicate target",
       "services:\n  a: {image: x, ports: ['1:2:3:4'], depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n"
       "  c: {image: x, tmpfs: [/t, '/t:size=1m']}\n",
       "compose.yaml:2:25: services.a.ports[0]: invalid IP address: 1:2\n"
       "compose.yaml:3:30: dependency cycle detected: a -> b -> a\n"
       "compose.yaml:4:29: services.c.tmpfs[1]: target /t already mounted as services.c.tmpfs[0]"},
      {"a failed extends does not hide another service's errors",
       "services:\n  a: {extends: {service: gone}}\n  b: {command: x}\n",
       "compose.yaml:2:16: cannot extend service 'a' in compose.yaml: service 'gone' not found\n"
       "compose.yaml:3:6: service \"b\" has neither an image nor a build context specified"},
      {"an env file that is not there does not hide a restart policy",
       "services:\n  a: {image: x, env_file: gone.env, restart: sometimes}\n",
       "compose.yaml:2:27: services.a: env file gone.env not found\n"
       "compose.yaml:2:46: services.a.restart must be one of no, always, on-failure[:max-attempts], unless-stopped, "
       "but is 'sometimes'"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.what);
    CHECK(errors_of(each.text) == each.expected);
  }
}

TEST_CASE("nothing is reported that only follows from another error") {
  const std::vector<Case> cases = {
      {"a misspelt image is no missing one", "services:\n  a: {imge: x}\n",
       "compose.yaml:2:7: services.a: additional properties 'imge' not allowed, did you mean 'image'?"},
      {"nor is one of the wrong type", "services:\n  a: {image: {b: c}}\n",
       "compose.yaml:2:14: services.a.image must be a string, but is a mapping"},
      {"nor one whose variable is missing", "services:\n  a: {image: '${X?}'}\n",
       "compose.yaml:2:14: services.a.image: required variable 'X' is missing a value"},
      {"a service that is no mapping is still a service", "services:\n  a: 5\n  b: {image: x, depends_on: [a]}\n",
       "compose.yaml:2:6: services.a must be a mapping, but is a whole number"},
      {"so is one with a bad name", "services:\n  'a b': {image: x}\n  c: {image: x, depends_on: ['a b']}\n",
       "compose.yaml:2:3: services: 'a b' is no valid name: use letters, digits, '.', '_' and '-'"},
      {"a misspelt section defines what it defines", "services:\n  a: {image: x, networks: [n]}\nnetwroks: {n: {}}\n",
       "compose.yaml:3:1: additional properties 'netwroks' not allowed, did you mean 'networks'?"},
      {"a misspelt required key is not missing",
       "services:\n  a: {image: x, develop: {watch: [{paht: ., action: rebuild}]}}\n",
       "compose.yaml:2:36: services.a.develop.watch[0]: additional properties 'paht' not allowed, did you mean "
       "'path'?"},
      {"a source that is wrong is not missing", "secrets:\n  s: {file: [x]}\nservices: {a: {image: x, secrets: [s]}}\n",
       "compose.yaml:2:13: secrets.s.file must be a string, but is a list"},
      {"a port that is wrong stays one error over several documents",
       "services: {a: {image: x, ports: ['x:y']}}\n---\nservices: {a: {tty: true}}\n---\nservices: {a: {init: "
       "'perhaps'}}\n",
       "compose.yaml:1:34: services.a.ports[0]: invalid containerPort: y\n"
       "compose.yaml:5:22: services.a.init must be true or false, but is 'perhaps'"},
      {"limits are not compared with one that is wrong",
       "services: {a: {image: x, cpus: 1, deploy: {resources: {limits: {cpus: [1]}}}}}\n",
       "compose.yaml:1:71: services.a.deploy.resources.limits.cpus must be a number, but is a list"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.what);
    CHECK(errors_of(each.text) == each.expected);
  }
}

TEST_CASE("one value that reaches many services is wrong once") {
  CHECK(errors_of(
            "x-a: &a\n  image: x\n  ttty: true\nservices:\n  a: {<<: *a}\n  b: {<<: *a}\n  c: {<<: *a, init: 5}\n") ==
        "compose.yaml:3:3: services.a: additional properties 'ttty' not allowed, did you mean 'tty'?\n"
        "compose.yaml:7:21: services.c.init must be true or false, but is a whole number");
}

TEST_CASE("errors of several files are reported together, each with its file") {
  ProjectFolder folder;
  folder.options.files = {"a.yaml", "broken.yaml", "b.yaml"};
  folder.write("a.yaml", "services:\n  web: {image: x, depends_on: [db]}\n  web2: {prots: []}\n");
  folder.write("broken.yaml", "services:\n  db: [unclosed\n");
  folder.write("b.yaml", "include: [inner/c.yaml, gone.yaml]\nservices:\n  web:\n    privileged: maybe\n");
  folder.write("inner/c.yaml", "services:\n  inner:\n    extends: {file: base.yaml, service: base}\n    image: 1\n");
  folder.write("inner/base.yaml", "services:\n  base:\n    cap_add: ADMIN\n");
  CHECK(folder.errors() ==
        "broken.yaml:2:7: the list that begins here has no end\n"
        "a.yaml:3:10: services.web2: additional properties 'prots' not allowed, did you mean 'ports'?\n"
        "inner/base.yaml:3:14: services.inner.cap_add must be a list of strings, but is a string\n"
        "inner/c.yaml:4:12: services.inner.image must be a string, but is a whole number; quote it: \"1\"\n"
        "b.yaml:1:25: include: open 'gone.yaml': no such file or directory\n"
        "b.yaml:4:17: services.web.privileged must be true or false, but is 'maybe'");
}

TEST_CASE("errors of env files are reported with those of the compose file") {
  ProjectFolder folder;
  folder.write(".env", "A%=1\nTAG=2\nB='x\n").write("app.env", "ok=1\nbad key=2\nnext\x01=3\n");
  folder.write("compose.yaml",
               "services:\n  a:\n    image: x:${TAG:?}${B:?}\n    env_file: app.env\n    scale: many\n");
  CHECK(folder.errors() ==
        ".env:1:2: unexpected character '%' in variable name 'A%=1'\n"
        ".env:3:3: unterminated quoted value 'x\n"
        "compose.yaml:5:12: services.a.scale must be a whole number, but is 'many'\n"
        "app.env:2:4: services.a: failed to read app.env: key 'bad key' cannot contain a space\n"
        "app.env:3:5: unexpected character '\x01' in variable name 'next\x01=3'");
}

TEST_CASE("without its files a project is not said to lack anything") {
  ProjectFolder folder;
  folder.options.files = {"gone.yaml", "over.yaml"};
  folder.write("over.yaml", "services: {a: {tty: true, depends_on: [b], networks: [n]}}\n");
  CHECK(folder.errors() == "open 'gone.yaml': no such file or directory");
}

}  // namespace
