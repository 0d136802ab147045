#include "cgroup/device_program.hpp"

#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>

#include <fmt/core.h>

namespace cmp::cgroup {

namespace {

// What the registers hold throughout the program.
constexpr std::uint8_t kVerdict = BPF_REG_0;
constexpr std::uint8_t kContext = BPF_REG_1;
constexpr std::uint8_t kType = BPF_REG_2;
constexpr std::uint8_t kAccess = BPF_REG_3;
constexpr std::uint8_t kMajor = BPF_REG_4;
constexpr std::uint8_t kMinor = BPF_REG_5;
constexpr std::uint8_t kLeft = BPF_REG_6;

bpf_insn instruction(unsigned code, std::uint8_t target, std::uint8_t source, std::int16_t offset, std::int32_t value) {
  bpf_insn one{};
  one.code = static_cast<std::uint8_t>(code);
  one.dst_reg = target & 0xfU;
  one.src_reg = source & 0xfU;
  one.off = offset;
  one.imm = value;
  return one;
}

bpf_insn load(std::uint8_t target, std::size_t offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_W, target, kContext, static_cast<std::int16_t>(offset), 0);
}

bpf_insn set(std::uint8_t target, std::int32_t value) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_K, target, 0, 0, value);
}

bpf_insn copy(std::uint8_t target, std::uint8_t source) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_X, target, source, 0, 0);
}

bpf_insn leave() {
  return instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

std::int32_t access_bits(const std::string& access) {
  std::int32_t bits = 0;
  for (const char letter : access) {
    bits |= letter == 'r' ? BPF_DEVCG_ACC_READ : letter == 'w' ? BPF_DEVCG_ACC_WRITE : BPF_DEVCG_ACC_MKNOD;
  }
  return bits;
}

/// One rule: a mismatch goes on with what follows it.
std::vector<bpf_insn> compile(const model::DeviceRule& rule) {
  std::vector<bpf_insn> code;
  const auto must_equal = [&](std::uint8_t where, std::int32_t value) {
    code.push_back(instruction(BPF_JMP | BPF_JNE | BPF_K, where, 0, 0, value));
  };
  if (rule.type != 'a') {
    must_equal(kType, rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  }
  // Everything that is wanted at once must be allowed.
  code.push_back(copy(kLeft, kAccess));
  code.push_back(instruction(BPF_ALU | BPF_AND | BPF_K, kLeft, 0, 0, ~access_bits(rule.access)));
  must_equal(kLeft, 0);
  if (rule.major) {
    must_equal(kMajor, static_cast<std::int32_t>(*rule.major));
  }
  if (rule.minor) {
    must_equal(kMinor, static_cast<std::int32_t>(*rule.minor));
  }
  code.push_back(set(kVerdict, 1));
  code.push_back(leave());
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i].code == (BPF_JMP | BPF_JNE | BPF_K)) {
      code[i].off = static_cast<std::int16_t>(code.size() - i - 1);
    }
  }
  return code;
}

}  // namespace

std::string device_line(const model::DeviceRule& rule) {
  const auto number = [](const std::optional<unsigned>& one) { return one ? fmt::format("{}", *one) : "*"; };
  return fmt::format("{} {}:{} {}", rule.type, number(rule.major), number(rule.minor), rule.access);
}

std::string device_program(const std::vector<model::DeviceRule>& rules) {
  constexpr std::int32_t kTypeMask = 0xffff;
  constexpr std::int32_t kAccessShift = 16;
  std::vector<bpf_insn> code = {
      load(kType, offsetof(bpf_cgroup_dev_ctx, access_type)),
      copy(kAccess, kType),
      instruction(BPF_ALU | BPF_AND | BPF_K, kType, 0, 0, kTypeMask),
      instruction(BPF_ALU | BPF_RSH | BPF_K, kAccess, 0, 0, kAccessShift),
      load(kMajor, offsetof(bpf_cgroup_dev_ctx, major)),
      load(kMinor, offsetof(bpf_cgroup_dev_ctx, minor)),
  };
  for (const model::DeviceRule& rule : rules) {
    const auto one = compile(rule);
    code.insert(code.end(), one.begin(), one.end());
  }
  code.push_back(set(kVerdict, 0));
  code.push_back(leave());
  return {reinterpret_cast<const char*>(code.data()), code.size() * sizeof(bpf_insn)};
}

}  // namespace cmp::cgroup
