// Filters are run here by an interpreter of the few instructions that they consist of: no kernel is asked.
#include "seccomp/filter.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstring>

#include <doctest/doctest.h>

#include "seccomp/library.hpp"
#include "support/temp_dir.hpp"
#include "sys/file.hpp"

#if defined(__x86_64__)

namespace {

using namespace cmp;
using namespace cmp::seccomp;

constexpr std::uint32_t kEperm = SECCOMP_RET_ERRNO | 1;
constexpr std::uint32_t kEnosys = SECCOMP_RET_ERRNO | 38;

std::uint32_t load(const seccomp_data& data, std::uint32_t offset) {
  std::uint32_t word = 0;
  REQUIRE(offset + sizeof word <= sizeof data);
  std::memcpy(&word, reinterpret_cast<const char*>(&data) + offset, sizeof word);
  return word;
}

bool jumps(std::uint16_t code, std::uint32_t accumulator, std::uint32_t k) {
  switch (BPF_OP(code)) {
    case BPF_JEQ:
      return accumulator == k;
    case BPF_JGT:
      return accumulator > k;
    case BPF_JGE:
      return accumulator >= k;
    default:
      return (accumulator & k) != 0;
  }
}

std::uint32_t run(const Filter& filter, const seccomp_data& data) {
  std::vector<sock_filter> code(filter.program.size() / sizeof(sock_filter));
  std::memcpy(code.data(), filter.program.data(), filter.program.size());
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < code.size(); ++at) {
    const sock_filter& one = code[at];
    switch (BPF_CLASS(one.code)) {
      case BPF_LD:
        accumulator = load(data, one.k);
        break;
      case BPF_ALU:
        accumulator &= one.k;
        break;
      case BPF_JMP:
        at += BPF_OP(one.code) == BPF_JA ? one.k : jumps(one.code, accumulator, one.k) ? one.jt : one.jf;
        break;
      default:
        return one.k;
    }
  }
  FAIL("the filter ends without a verdict");
  return 0;
}

std::uint32_t verdict(const Filter& filter, int number, std::uint64_t argument = 0,
                      std::uint32_t entry = AUDIT_ARCH_X86_64) {
  return run(filter, {.nr = number, .arch = entry, .instruction_pointer = 0, .args = {argument}});
}

Filter compiled(std::string_view text, Entries entries = Entries::kNativeOnly) {
  const auto profile = parse_profile(text);
  REQUIRE(profile);
  auto filter = compile(resolve(*profile, {"x86_64", {6, 1}, {}}, entries));
  INFO((filter ? "" : filter.error().message));
  REQUIRE(filter);
  return *std::move(filter);
}

}  // namespace

TEST_CASE("the default filter allows, refuses, and says that new calls are not there") {
  const Filter filter = compiled(default_profile());
  CHECK(verdict(filter, SYS_read) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, SYS_mount) == kEperm);
  CHECK(verdict(filter, SYS_keyctl) == kEperm);
  CHECK(verdict(filter, SYS_clone3) == kEnosys);
  CHECK(verdict(filter, 1000) == kEnosys);
  CHECK(verdict(filter, 470) == kEnosys);
}

TEST_CASE("calls younger than libseccomp are known by their numbers") {
  const Filter filter = compiled(default_profile());
  CHECK(verdict(filter, 462) == SECCOMP_RET_ALLOW);  // mseal
  CHECK(verdict(filter, 335) == SECCOMP_RET_ALLOW);  // uretprobe
  CHECK(verdict(filter, 459) == kEperm);             // lsm_get_self_attr needs CAP_SYS_ADMIN
}

TEST_CASE("arguments decide: clone with namespaces, sockets of forbidden families, personalities") {
  const Filter filter = compiled(default_profile());
  CHECK(verdict(filter, SYS_clone, 0x11) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, SYS_clone, 0x10000000) == kEperm);
  CHECK(verdict(filter, SYS_socket, 2) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, SYS_socket, 38) == kEperm);
  CHECK(verdict(filter, SYS_socket, 39) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, SYS_socket, 40) == kEperm);
  CHECK(verdict(filter, SYS_personality, 0x20000) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, SYS_personality, 0x0400000) == kEperm);
}

TEST_CASE("the 32-bit entries are not there (CVE-2026-112917)") {
  const Filter filter = compiled(default_profile());
  constexpr int kSocketcall = 102;
  CHECK(verdict(filter, kSocketcall, 1, AUDIT_ARCH_I386) == kEnosys);
  CHECK(verdict(filter, SYS_read | 0x40000000) == kEnosys);
  CHECK(verdict(filter, SYS_read, 0, AUDIT_ARCH_AARCH64) == kEnosys);
}

TEST_CASE("a profile of one's own may open the 32-bit entries") {
  const Filter filter = compiled(default_profile(), Entries::kAsListed);
  constexpr int kGetpid32 = 20;
  CHECK(verdict(filter, kGetpid32, 0, AUDIT_ARCH_I386) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, 1000, 0, AUDIT_ARCH_I386) == kEnosys);
  CHECK(verdict(filter, SYS_read | 0x40000000) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, 1000 | 0x40000000) == kEnosys);
  CHECK(verdict(filter, 1000) == kEnosys);
}

TEST_CASE("a filter that lets everything pass has nothing that is not there") {
  const Filter filter = compiled(R"({"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
                 {"names": ["no_such_call"], "action": "SCMP_ACT_KILL"},
                 {"names": ["rmdir"], "action": "SCMP_ACT_KILL_PROCESS"}]})");
  CHECK(filter.flags == SECCOMP_FILTER_FLAG_LOG);
  CHECK(verdict(filter, SYS_mkdir) == (SECCOMP_RET_ERRNO | 13));
  CHECK(verdict(filter, SYS_rmdir) == SECCOMP_RET_KILL_PROCESS);
  CHECK(verdict(filter, 1000) == SECCOMP_RET_ALLOW);
}

TEST_CASE("two conditions on one argument are two rules") {
  const Filter filter = compiled(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "SCMP_CMP_EQ", "value": 1},
                                                               {"index": 0, "op": "SCMP_CMP_EQ", "value": 2}]}]})");
  CHECK(verdict(filter, SYS_socket, 1) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, SYS_socket, 2) == SECCOMP_RET_ALLOW);
  CHECK(verdict(filter, SYS_socket, 3) == kEperm);
}

TEST_CASE("an unknown flag or architecture is refused") {
  CHECK(compile({.flags = {"FLAG"}}).error().message == "flags: 'FLAG' is no flag");
  CHECK(compile({.also = {"SCMP_ARCH_VAX"}}).error().message == "'SCMP_ARCH_VAX' is no architecture");
}

#endif

TEST_CASE("a compiled filter is kept, and a damaged file is not believed") {
  using cmp::seccomp::Entries;
  const cmp::test::TempDir dir;
  cmp::seccomp::Library library(dir.path() + "/filters");
  const auto made = library.get(cmp::seccomp::default_profile(), Entries::kNativeOnly, {"CAP_KILL"});
  REQUIRE(made);
  const std::string file = dir.path() + "/filters/" + made->key + ".bpf";
  std::string text = cmp::sys::read_file(file).value_or("");
  CHECK(cmp::seccomp::decode(text).value_or({}) == made->filter);

  cmp::seccomp::Library another(dir.path() + "/filters");
  CHECK(another.find(made->key).value_or({}) == made->filter);
  CHECK(another.get(cmp::seccomp::default_profile(), Entries::kNativeOnly, {})->key != made->key);
  CHECK(another.get(cmp::seccomp::default_profile(), Entries::kAsListed, {"CAP_KILL"})->key != made->key);

  text.back() = static_cast<char>(text.back() ^ 1);
  REQUIRE(cmp::sys::write_file_atomically(file, text));
  CHECK(!cmp::seccomp::Library(dir.path() + "/filters").find(made->key));
  CHECK(!cmp::seccomp::decode(text.substr(0, text.size() - 8)));
  CHECK(!cmp::seccomp::Library(dir.path()).find("../../etc/passwd"));
  const auto again = cmp::seccomp::Library(dir.path() + "/filters")
                         .get(cmp::seccomp::default_profile(), Entries::kNativeOnly, {"CAP_KILL"});
  REQUIRE(again);
  CHECK(again->filter == made->filter);
}
