// The writers of labels, on a directory in place of /proc: the machines that run these tests have no such module.

#include "sys/lsm.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include <doctest/doctest.h>

#include "support/temp_dir.hpp"
#include "sys/file.hpp"

namespace {

using namespace cmp;
using sys::LabelledBy;

/// A directory with the attributes of a process in it, as far as they are asked for.
class FakeProc {
 public:
  explicit FakeProc(bool apparmor_of_its_own) {
    REQUIRE(sys::make_directories(dir_ / "self/attr/apparmor", 0700));
    REQUIRE(sys::write_file_atomically(path("exec"), ""));
    if (apparmor_of_its_own) {
      REQUIRE(sys::write_file_atomically(path("apparmor/exec"), ""));
    }
    auto opened = sys::open_file(dir_.path(), O_PATH | O_DIRECTORY);
    REQUIRE(opened);
    fd_ = std::move(*opened);
  }

  [[nodiscard]] int fd() const { return fd_.get(); }

  [[nodiscard]] std::string path(const std::string& attribute) const { return dir_ / ("self/attr/" + attribute); }

  [[nodiscard]] std::string text(const std::string& attribute) const {
    return sys::read_file(path(attribute)).value_or("none");
  }

 private:
  test::TempDir dir_;
  UniqueFd fd_;
};

}  // namespace

TEST_CASE("an AppArmor profile goes to the module's own attribute, a label of SELinux to the shared one") {
  const FakeProc proc(true);
  REQUIRE(sys::set_exec_label_in(proc.fd(), LabelledBy::kAppArmor, "docker-default"));
  CHECK(proc.text("apparmor/exec") == "exec docker-default");
  CHECK(proc.text("exec").empty());
  REQUIRE(sys::set_exec_label_in(proc.fd(), LabelledBy::kSelinux, "system_u:system_r:container_t:s0:c1,c2"));
  CHECK(proc.text("exec") == "system_u:system_r:container_t:s0:c1,c2");
}

TEST_CASE("a kernel before 5.8 has one attribute for all modules") {
  const FakeProc proc(false);
  REQUIRE(sys::set_exec_label_in(proc.fd(), LabelledBy::kAppArmor, "p"));
  CHECK(proc.text("exec") == "exec p");
}

TEST_CASE("a label that cannot be written is an error, never a start without it (CVE-2025-64750)") {
  const FakeProc proc(true);
  REQUIRE(::unlink(proc.path("exec").c_str()) == 0);
  CHECK_FALSE(sys::set_exec_label_in(proc.fd(), LabelledBy::kSelinux, "x"));
  // What stands in for a file that takes no write at all: the kernel's refusal of an unknown profile.
  REQUIRE(::symlink("/dev/full", proc.path("exec").c_str()) == 0);
  CHECK_FALSE(sys::set_exec_label_in(proc.fd(), LabelledBy::kSelinux, "x"));
}
