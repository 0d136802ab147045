#include "oci/config.hpp"

#include <doctest/doctest.h>

using namespace cmp;  // NOLINT(google-build-using-namespace): a test

namespace {

std::string with(const std::string& more) {
  return R"({"ociVersion":"1.0.2","root":{"path":"rootfs"})" + (more.empty() ? "" : "," + more) + "}";
}

std::string complaint(const std::string& text) {
  const auto config = oci::parse_config(text);
  return config ? "" : config.error().message;
}

}  // namespace

TEST_CASE("a config.json that is not one is refused with the property that is wrong") {
  struct Row {
    std::string text, says;
  };

  const std::vector<Row> rows = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {R"({"root":{"path":"r"}})", "ociVersion: is required"},
      {R"({"ociVersion":"one","root":{"path":"r"}})", "ociVersion: 'one' is no semantic version"},
      {R"({"ociVersion":"1.0","root":{"path":"r"}})", "ociVersion: '1.0' is no semantic version"},
      {R"({"ociVersion":"01.0.0","root":{"path":"r"}})", "ociVersion: '01.0.0' is no semantic version"},
      {R"({"ociVersion":"2.0.0","root":{"path":"r"}})",
       "ociVersion: '2.0.0' is a version of the specification that is not known here"},
      {R"({"ociVersion":"1.0.0"})", "root: is required"},
      {R"({"ociVersion":"1.0.0","root":{}})", "root.path: is required"},
      {with(R"("process":{"args":["sh"],"cwd":"here"})"), "process.cwd: is not an absolute path"},
      {with(R"("process":{"args":[],"cwd":"/"})"), "process.args: is empty"},
      {with(R"("process":{"args":["sh",3],"cwd":"/"})"), "process.args[1]: expected a string"},
      {with(R"("process":{"args":["sh"],"cwd":"/","user":{"uid":-1}})"),
       "process.user.uid: expected a number of another range"},
      {with(R"("process":{"args":["sh"],"cwd":"/","rlimits":[{"type":"RLIMIT_X"}]})"),
       "process.rlimits[0].type: 'RLIMIT_X' is no limit"},
      {with(R"("process":{"args":["sh"],"cwd":"/","rlimits":[{"type":"RLIMIT_AS"},{"type":"RLIMIT_AS"}]})"),
       "process.rlimits[1].type: 'RLIMIT_AS' is given twice"},
      {with(R"("linux":{"namespaces":[{"type":"pid"},{"type":"pid"}]})"),
       "linux.namespaces[1].type: 'pid' is given twice"},
      {with(R"("linux":{"namespaces":[{"type":"pids"}]})"), "linux.namespaces[0].type: 'pids' is no kind of namespace"},
      {with(R"("linux":{"devices":[{"type":"x","path":"/dev/x"}]})"),
       "linux.devices[0].type: 'x' is none of c, b, u and p"},
      {with(R"("linux":{"rootfsPropagation":"open"})"), "linux.rootfsPropagation: 'open' is no propagation"},
      {with(R"("linux":{"resources":{"devices":[{"allow":true,"access":"x"}]}})"),
       "linux.resources.devices[0].access: 'x' has other letters than r, w and m"},
      {with(R"("hooks":{"prestart":[{"path":"true"}]})"), "hooks.prestart[0].path: 'true' is not absolute"},
      {with(R"("hooks":{"poststop":[{"path":"/x","timeout":0}]})"),
       "hooks.poststop[0].timeout: is not greater than zero"},
      {with(R"("hostname":"x")"), "hostname: needs a uts namespace: it would be the host's"},
      {with(R"("annotations":{"":"x"})"), "annotations: a key is empty"},
      {with(R"("mounts":[{"type":"proc"}])"), "mounts[0].destination: is required"},
      {with(R"("mounts":[{"destination":"/m","uidMappings":[{"containerID":0,"hostID":1,"size":1}]}])"),
       "mounts[0]: uidMappings and gidMappings come together"},
      {with(R"("linux":{"intelRdt":{}})"), "linux.intelRdt: is not supported"},
      {with(R"("linux":{"personality":{"domain":"BSD"}})"),
       "linux.personality.domain: 'BSD' is neither LINUX nor LINUX32"},
      {with(R"("linux":{"personality":{"domain":"LINUX","flags":["x"]}})"),
       "linux.personality.flags: none is known: the specification has defined none"},
      {with(R"("process":{"args":["sh"],"cwd":"/","scheduler":{"policy":"SCHED_FAST"}})"),
       "process.scheduler.policy: 'SCHED_FAST' is not known"},
      {with(R"("process":{"args":["sh"],"cwd":"/","scheduler":{"policy":"SCHED_BATCH","nice":20}})"),
       "process.scheduler.nice: is -20 to 19"},
      {with(R"("process":{"args":["sh"],"cwd":"/","scheduler":{"policy":"SCHED_BATCH","priority":3}})"),
       "process.scheduler.priority: is for SCHED_FIFO and SCHED_RR"},
      {with(R"("process":{"args":["sh"],"cwd":"/","scheduler":{"policy":"SCHED_RR","period":3}})"),
       "process.scheduler: runtime, deadline and period are for SCHED_DEADLINE"},
      {with(R"("process":{"args":["sh"],"cwd":"/","ioPriority":{"class":"IOPRIO_CLASS_BE","priority":8}})"),
       "process.ioPriority.priority: is 0 to 7"},
      {with(R"("process":{"args":["sh"],"cwd":"/","execCPUAffinity":{"initial":"1-"}})"),
       "process.execCPUAffinity.initial: '1-' is no list of processors"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(complaint(row.text) == row.says);
  }
}

TEST_CASE("versions with a suffix and unknown properties are taken") {
  CHECK(
      complaint(R"({"ociVersion":"1.2.0-dev+abc","root":{"path":"r"},"org.example":{"a":1},"windows":null})").empty());
}

TEST_CASE("a process object keeps what it says") {
  const auto process = oci::parse_process(R"({"args":["sh","-c","x"],"cwd":"/w","env":["A=1"],"terminal":true,
    "consoleSize":{"height":25,"width":100},"user":{"uid":5,"gid":6,"umask":63,"additionalGids":[7,8]},
    "oomScoreAdj":-3,"noNewPrivileges":true,"rlimits":[{"type":"RLIMIT_NOFILE","soft":10,"hard":20}]})");
  REQUIRE(process.has_value());
  CHECK(process->args == std::vector<std::string>{"sh", "-c", "x"});
  CHECK(process->rows == 25U);
  CHECK(process->columns == 100U);
  CHECK(process->uid == 5);
  CHECK(process->gid == 6);
  CHECK(process->umask == 077U);
  CHECK(process->additional_gids == std::vector<std::uint32_t>{7, 8});
  CHECK(process->oom_score_adj == -3);
  CHECK(process->no_new_privileges);
  REQUIRE(process->rlimits.size() == 1);
  CHECK(process->rlimits[0].hard == 20);
}
