// The program is run here by an interpreter of the few instructions that it consists of.
#include "cgroup/device_program.hpp"

#include <linux/bpf.h>

#include <array>
#include <cstdint>
#include <cstring>

#include <doctest/doctest.h>

namespace {

using cmp::cgroup::device_line;
using cmp::cgroup::device_program;
using cmp::model::DeviceRule;

constexpr std::uint32_t kRead = BPF_DEVCG_ACC_READ, kWrite = BPF_DEVCG_ACC_WRITE, kMknod = BPF_DEVCG_ACC_MKNOD;

bool allowed(const std::vector<DeviceRule>& rules, char type, std::uint32_t access, std::uint32_t major,
             std::uint32_t minor) {
  const std::string program = device_program(rules);
  std::vector<bpf_insn> code(program.size() / sizeof(bpf_insn));
  std::memcpy(code.data(), program.data(), program.size());
  const std::uint32_t kind = type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
  const std::array<std::uint32_t, 3> context = {access << 16U | kind, major, minor};
  std::array<std::uint64_t, 11> r{};
  for (std::size_t at = 0; at < code.size(); ++at) {
    const bpf_insn& one = code[at];
    const auto value = static_cast<std::uint32_t>(one.imm);
    switch (one.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        r.at(one.dst_reg) = context.at(static_cast<std::size_t>(one.off) / 4);
        break;
      case BPF_ALU64 | BPF_MOV | BPF_K:
        r.at(one.dst_reg) = value;
        break;
      case BPF_ALU64 | BPF_MOV | BPF_X:
        r.at(one.dst_reg) = r.at(one.src_reg);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        r.at(one.dst_reg) = static_cast<std::uint32_t>(r.at(one.dst_reg)) & value;
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        r.at(one.dst_reg) = static_cast<std::uint32_t>(r.at(one.dst_reg)) >> value;
        break;
      case BPF_JMP | BPF_JNE | BPF_K:
        at += r.at(one.dst_reg) != value ? static_cast<std::size_t>(one.off) : 0;
        break;
      case BPF_JMP | BPF_EXIT:
        return r[0] != 0;
      default:
        FAIL("an instruction of code " << int{one.code});
    }
  }
  FAIL("the program runs over its end");
  return false;
}

}  // namespace

TEST_CASE("a rule is a line of v1's lists") {
  CHECK(device_line({'c', 1, 3, "rwm"}) == "c 1:3 rwm");
  CHECK(device_line({'c', 136, {}, "rw"}) == "c 136:* rw");
  CHECK(device_line({'a', {}, {}, "m"}) == "a *:* m");
}

TEST_CASE("a program without rules allows nothing: what is listed is a white list (GHSA-g54h-m393-cpwq)") {
  CHECK(!allowed({}, 'c', kRead, 1, 3));
  CHECK(!allowed({}, 'b', kMknod, 8, 0));
}

TEST_CASE("a rule allows its device, its kind and its accesses only") {
  const std::vector<DeviceRule> rules = {{'c', 1, 3, "rw"}, {'b', 7, {}, "r"}, {'a', {}, {}, "m"}};
  CHECK(allowed(rules, 'c', kRead, 1, 3));
  CHECK(allowed(rules, 'c', kRead | kWrite, 1, 3));
  CHECK(!allowed(rules, 'b', kRead, 1, 3));
  CHECK(!allowed(rules, 'c', kRead, 1, 4));
  CHECK(!allowed(rules, 'c', kRead, 2, 3));
  CHECK(allowed(rules, 'b', kRead, 7, 99));
  CHECK(!allowed(rules, 'b', kWrite, 7, 99));
  CHECK(allowed(rules, 'b', kMknod, 8, 0));
  CHECK(!allowed(rules, 'c', kRead | kMknod, 5, 5));
}
