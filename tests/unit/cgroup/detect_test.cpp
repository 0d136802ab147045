#include "cgroup/detect.hpp"

#include <unistd.h>

#include <cstdlib>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "sys/file.hpp"

namespace {

using namespace cmp;
using namespace cmp::cgroup;
using Names = std::vector<std::string>;

constexpr std::string_view kSeparateMounts =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

TEST_CASE("mountinfo: separate v1 hierarchies beside a v2 tree, named ones left out") {
  const std::vector<CgroupMount> expected = {
      {.version = Version::kV1, .root = "/", .mount_point = "/sys/fs/cgroup/cpu", .controllers = {"cpu"}},
      {.version = Version::kV1, .root = "/", .mount_point = "/sys/fs/cgroup/memory", .controllers = {"memory"}},
      {.version = Version::kV2, .root = "/", .mount_point = "/sys/fs/cgroup/unified", .controllers = {}},
  };
  CHECK(parse_mountinfo(kSeparateMounts) == expected);
}

TEST_CASE("mountinfo: controllers mounted together, optional fields, odd paths") {
  const auto mounts = parse_mountinfo(
      "33 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 master:2 - cgroup cgroup rw,cpu,cpuacct\n"
      "36 25 0:31 /docker/ab /mnt/a\\040b rw - cgroup cgroup rw,xattr,memory\n"
      "37 25 0:40 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n"
      "nonsense\n"
      "38 25 0:41 / /x rw\n");
  REQUIRE(mounts.size() == 3);
  CHECK(mounts[0].controllers == Names{"cpu", "cpuacct"});
  CHECK(mounts[1].mount_point == "/mnt/a b");
  CHECK(mounts[1].root == "/docker/ab");
  CHECK(mounts[2].version == Version::kV2);
}

TEST_CASE("membership: v1, v2, paths with colons") {
  const std::vector<Membership> expected = {
      {.controllers = {"name=systemd"}, .path = "/"},
      {.controllers = {"cpu", "cpuacct"}, .path = "/a:b"},
      {.controllers = {}, .path = "/user.slice"},
  };
  CHECK(parse_membership("9:name=systemd:/\n4:cpu,cpuacct:/a:b\n0::/user.slice\n") == expected);
}

struct BaseRow {
  const char* what;
  const char* root;
  const char* own;
  Names expected;
};

TEST_CASE("bases: the root, then the parent of the own group, then the own group") {
  const std::vector<BaseRow> rows = {
      {"in the root group", "/", "/", {"/"}},
      {"a systemd session",
       "/",
       "/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope",
       {"/", "/user.slice/user-1000.slice/user@1000.service/app.slice",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/run-1.scope"}},
      {"one level deep", "/", "/init.scope", {"/", "/init.scope"}},
      {"a part of the tree is mounted", "/docker/ab", "/docker/ab/job/x", {"/", "/job", "/job/x"}},
      {"and it is our own group", "/docker/ab", "/docker/ab", {"/"}},
      {"another part of the tree is mounted", "/docker/ab", "/docker/abc/x", {"/"}},
      {"above the cgroup namespace", "/", "/../other", {"/"}},
      {"a removed group", "/", "/gone (deleted)", {"/"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    const CgroupMount mount{.version = Version::kV2, .root = row.root, .mount_point = "/cg", .controllers = {}};
    CHECK(base_candidates(mount, {{.controllers = {}, .path = row.own}}) == row.expected);
  }
}

TEST_CASE("bases: v1 goes by the line of its own controller") {
  const CgroupMount mount{
      .version = Version::kV1, .root = "/", .mount_point = "/cg", .controllers = {"cpu", "cpuacct"}};
  const std::vector<Membership> own = {{.controllers = {}, .path = "/v2"},
                                       {.controllers = {"memory"}, .path = "/m"},
                                       {.controllers = {"cpu", "cpuacct"}, .path = "/c"}};
  CHECK(base_candidates(mount, own) == Names{"/", "/c"});
}

/// A directory that poses as /sys/fs/cgroup: gone at the end.
class FakeTree {
 public:
  FakeTree() {
    const char* temporary = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
    root_ = fmt::format("{}/cmp-cgroup-test.XXXXXX", temporary != nullptr ? temporary : "/tmp");
    REQUIRE(::mkdtemp(root_.data()) != nullptr);
  }

  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;

  ~FakeTree() { static_cast<void>(sys::remove_tree(root_)); }

  [[nodiscard]] const std::string& root() const { return root_; }

  void file(const std::string& path, std::string_view text) const {
    REQUIRE(sys::make_directories(root_ + path.substr(0, path.rfind('/'))));
    REQUIRE(sys::write_file_atomically(root_ + path, text));
  }

  void directory(const std::string& path) const { REQUIRE(sys::make_directories(root_ + path)); }

  /// A v2 group as the kernel shows it; the root group has no cgroup.type.
  void v2_group(const std::string& path, std::string_view controllers, std::string_view enabled,
                std::string_view procs) const {
    file(path + "/cgroup.controllers", controllers);
    file(path + "/cgroup.subtree_control", enabled);
    file(path + "/cgroup.procs", procs);
    if (!path.empty()) {
      file(path + "/cgroup.type", "domain\n");
    }
  }

  [[nodiscard]] std::string mount(const std::string& path, const std::string& type_and_options) const {
    return fmt::format("31 23 0:28 / {}{} rw,relatime - {}\n", root_, path, type_and_options);
  }

 private:
  std::string root_;
};

constexpr Abilities kNew{.clone_into_cgroup = true};

TEST_CASE("detect: pure v2 with the root group to be written") {
  const FakeTree tree;
  tree.v2_group("", "cpu io memory pids\n", "\n", "1\n2\n");
  const auto layout = detect_in(tree.mount("", "cgroup2 cgroup2 rw"), "0::/user.slice/x.scope\n", kNew);
  REQUIRE(layout);
  REQUIRE(layout->hierarchies.size() == 1);
  CHECK(layout->version == Version::kV2);
  CHECK(layout->hierarchies[0].base == "/");
  CHECK(layout->hierarchies[0].controllers == Names{"cpu", "io", "memory", "pids"});
  CHECK(layout->hierarchies[0].born_inside);
}

TEST_CASE("detect: hybrid takes limits from v1 and the v2 tree for its members") {
  const FakeTree tree;
  tree.v2_group("/unified", "hugetlb\n", "\n", "1\n");
  tree.directory("/cpu");
  tree.file("/memory/memory.memsw.limit_in_bytes", "1\n");
  const std::string mounts = tree.mount("/memory", "cgroup cgroup rw,memory") +
                             tree.mount("/cpu", "cgroup cgroup rw,cpu") + tree.mount("/unified", "cgroup2 cgroup2 rw");
  const auto layout = detect_in(mounts, "4:memory:/job/x\n1:cpu:/\n0::/\n", kNew);
  REQUIRE(layout);
  CHECK(layout->version == Version::kV1);
  CHECK(layout->swap);
  REQUIRE(layout->hierarchies.size() == 3);
  CHECK(layout->hierarchies[0].version == Version::kV2);
  CHECK(layout->hierarchies[1].controllers == Names{"cpu"});
  CHECK(layout->hierarchies[2].controllers == Names{"memory"});
}

TEST_CASE("detect: two mounts of one hierarchy count once") {
  const FakeTree tree;
  tree.directory("/memory");
  tree.directory("/copy");
  const auto layout =
      detect_in(tree.mount("/memory", "cgroup cgroup rw,memory") + tree.mount("/copy", "cgroup cgroup rw,memory"),
                "4:memory:/\n", kNew);
  REQUIRE(layout);
  REQUIRE(layout->hierarchies.size() == 1);
  CHECK(layout->hierarchies[0].mount_point == tree.root() + "/memory");
  CHECK_FALSE(layout->swap);
}

TEST_CASE("detect: in a container's cgroup namespace, where the root holds processes, a free parent is better") {
  const FakeTree tree;
  tree.v2_group("", "cpu memory pids\n", "\n", "1\n");
  tree.file("/cgroup.type", "domain\n");
  tree.v2_group("/jobs", "cpu memory\n", "cpu memory\n", "");
  const auto layout = detect_in(tree.mount("", "cgroup2 cgroup2 rw"), "0::/jobs/one\n", kNew);
  REQUIRE(layout);
  CHECK(layout->hierarchies[0].base == "/jobs");
  CHECK(layout->hierarchies[0].controllers == Names{"cpu", "memory"});
  CHECK(layout->why.find("under '/jobs'") != std::string::npos);
}

TEST_CASE("detect: a root that holds processes and nothing better is used without controllers, and limits say so") {
  const FakeTree tree;
  tree.v2_group("", "cpu memory pids\n", "\n", "1\n");
  tree.file("/cgroup.type", "domain\n");
  const auto layout = detect_in(tree.mount("", "cgroup2 cgroup2 rw"), "0::/\n", kNew);
  REQUIRE(layout);
  CHECK(layout->hierarchies[0].controllers.empty());
  CHECK(unsupported({.pids = 5}, *layout).size() == 1);
}

TEST_CASE("detect: beside v1, a v2 tree nobody can be born in is not used") {
  const FakeTree tree;
  tree.v2_group("/unified", "hugetlb\n", "\n", "1\n");
  tree.directory("/memory");
  const std::string mounts =
      tree.mount("/memory", "cgroup cgroup rw,memory") + tree.mount("/unified", "cgroup2 cgroup2 rw");
  const auto layout = detect_in(mounts, "4:memory:/\n0::/\n", {.clone_into_cgroup = false});
  REQUIRE(layout);
  CHECK(layout->hierarchies.size() == 1);
}

TEST_CASE("detect: without a writable cgroup the error says what to do") {
  const auto none = detect_in("22 27 0:21 / /proc rw - proc proc rw\n", "0::/\n", kNew);
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Code::kUnsupported);
  CHECK(none.error().message.find("delegated group") != std::string::npos);
  const auto missing = detect_in("1 2 0:3 / /does/not/exist rw - cgroup2 cgroup2 rw\n", "0::/\n", kNew);
  CHECK_FALSE(missing);
}

}  // namespace
