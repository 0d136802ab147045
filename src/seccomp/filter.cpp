#include "seccomp/filter.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <set>
#include <span>

#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "seccomp/new_calls.hpp"
#include "sys/file.hpp"

namespace cmp::seccomp {

namespace {

constexpr std::uint32_t kX32Bit = 0x40000000;

struct ContextCloser {
  void operator()(void* context) const { ::seccomp_release(context); }
};

using Context = std::unique_ptr<void, ContextCloser>;

std::uint32_t action_of(const Verdict& verdict) {
  switch (verdict.action) {
    case Action::kAllow:
      return SCMP_ACT_ALLOW;
    case Action::kKillThread:
      return SCMP_ACT_KILL_THREAD;
    case Action::kKillProcess:
      return SCMP_ACT_KILL_PROCESS;
    case Action::kTrap:
      return SCMP_ACT_TRAP;
    case Action::kTrace:
      return SCMP_ACT_TRACE(verdict.value);
    case Action::kLog:
      return SCMP_ACT_LOG;
    case Action::kErrno:
      break;
  }
  return SCMP_ACT_ERRNO(verdict.value);
}

bool lets_pass(const Verdict& verdict) {
  return verdict.action == Action::kAllow || verdict.action == Action::kLog || verdict.action == Action::kTrace;
}

scmp_compare compare_of(Compare op) {
  constexpr std::array kOps = {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE,       SCMP_CMP_EQ,
                               SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ};
  return kOps.at(static_cast<std::size_t>(op));
}

scmp_arg_cmp comparison(const Condition& condition) {
  return {.arg = condition.argument,
          .op = compare_of(condition.op),
          .datum_a = condition.value,
          .datum_b = condition.value_two};
}

Error refused(std::string_view what, int result) {
  return sys_error(fmt::format("libseccomp: {}", what), -result);
}

/// The number of a system call: libseccomp's, which is below 0 where only another entry has it, else the table's.
std::optional<int> number_of(const std::string& name) {
  const int known = ::seccomp_syscall_resolve_name(name.c_str());
  if (known != __NR_SCMP_ERROR) {
    return known;
  }
  for (const auto& calls : {std::span<const NewCall>(kNewCalls), std::span<const NewCall>(kNewNativeCalls)}) {
    const auto it = std::ranges::find(calls, name, &NewCall::name);
    if (it != calls.end()) {
      return it->number;
    }
  }
  return std::nullopt;
}

/// libseccomp takes one condition an argument in a rule. Where a profile has two, each becomes a rule, as in runc.
std::vector<std::vector<scmp_arg_cmp>> alternatives(const std::vector<Condition>& conditions) {
  std::vector<scmp_arg_cmp> all;
  std::set<unsigned> seen;
  for (const Condition& condition : conditions) {
    all.push_back(comparison(condition));
    seen.insert(condition.argument);
  }
  if (seen.size() == all.size()) {
    return {all};
  }
  std::vector<std::vector<scmp_arg_cmp>> each;
  for (const scmp_arg_cmp& one : all) {
    each.push_back({one});
  }
  return each;
}

Status add_rule(const Context& context, const Rule& rule) {
  const auto number = number_of(rule.name);
  if (!number) {
    return {};
  }
  for (const auto& conditions : alternatives(rule.conditions)) {
    const int result = ::seccomp_rule_add_array(context.get(), action_of(rule.verdict), *number,
                                                static_cast<unsigned>(conditions.size()), conditions.data());
    // EDOM, EFAULT: this entry has no such call. EEXIST: said twice.
    if (result != 0 && result != -EDOM && result != -EFAULT && result != -EEXIST) {
      return refused(rule.name, result);
    }
  }
  return {};
}

Status set_attributes(const Context& context) {
  // A tree, not a list: the kernel tries each number once when the filter is installed, and each call is a search.
  constexpr std::uint32_t kBinaryTree = 2;
  for (const auto& [attribute, value] :
       {std::pair(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)), std::pair(SCMP_FLTATR_CTL_OPTIMIZE, kBinaryTree)}) {
    if (const int result = ::seccomp_attr_set(context.get(), attribute, value); result != 0) {
      return refused("set an attribute", result);
    }
  }
  return {};
}

/// The rules for one entry into the kernel.
Result<Context> context_for(const Rules& rules, std::uint32_t entry) {
  Context context(::seccomp_init(action_of(rules.otherwise)));
  if (!context) {
    return make_error(Code::kUnsupported, "libseccomp cannot make a filter");
  }
  const std::uint32_t native = ::seccomp_arch_native();
  int result = 0;
  if (entry != native) {
    result = ::seccomp_arch_remove(context.get(), native);
    result = result == 0 ? ::seccomp_arch_add(context.get(), entry) : result;
  }
  if (result != 0) {
    return refused("choose the architecture", result);
  }
  CMP_CHECK(set_attributes(context));
  for (const Rule& rule : rules.rules) {
    CMP_CHECK(add_rule(context, rule));
  }
  return context;
}

/// "SCMP_ARCH_X86" to its number.
Result<std::uint32_t> entry_of(const std::string& name) {
  constexpr std::string_view kPrefix = "SCMP_ARCH_";
  std::string word = name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::uint32_t entry = ::seccomp_arch_resolve_name(word.c_str());
  return entry != 0 ? Result<std::uint32_t>(entry)
                    : make_error(Code::kInvalid, fmt::format("'{}' is no architecture", name));
}

Result<std::string> exported(const Context& context) {
  CMP_TRY(const UniqueFd file, sys::memory_file("seccomp"));
  if (const int result = ::seccomp_export_bpf(context.get(), file.get()); result != 0) {
    return refused("compile", result);
  }
  // Opened anew, for a place of its own to read from.
  return sys::read_file(fmt::format("/proc/self/fd/{}", file.get()));
}

/// The last system call that is known of an entry: newer ones are not refused but not there.
std::uint32_t newest_call(std::uint32_t entry) {
  constexpr int kBeyond = 1024;
  int newest = entry == ::seccomp_arch_native() ? kNewCalls.back().number : 0;
  for (int number = newest + 1; number < kBeyond; ++number) {
    const std::unique_ptr<char, decltype(&std::free)> name(::seccomp_syscall_resolve_num_arch(entry, number),
                                                           &std::free);
    newest = name ? number : newest;
  }
  return static_cast<std::uint32_t>(newest);
}

std::string bytes_of(const std::vector<sock_filter>& code) {
  return {reinterpret_cast<const char*>(code.data()), code.size() * sizeof(sock_filter)};
}

/// What runs before libseccomp's code: calls newer than those it knows give ENOSYS. Entries that the rules don't open
/// come through and are refused there.
std::string newer_calls_refused(const std::set<std::uint32_t>& entries) {
  const bool x32 = entries.contains(SCMP_ARCH_X32);
  std::vector<sock_filter> code;
  code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  for (const std::uint32_t entry : entries) {
    if (entry == SCMP_ARCH_X32) {
      continue;  // known to the kernel as X86_64 with a bit set in the number
    }
    std::vector<sock_filter> check = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, newest_call(entry), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
    };
    if (entry == SCMP_ARCH_X86_64 && x32) {
      check.insert(check.begin() + 1, BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~kX32Bit));
    }
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, entry, 0, static_cast<std::uint8_t>(check.size())));
    code.insert(code.end(), check.begin(), check.end());
  }
  return bytes_of(code);
}

Result<unsigned> flags_of(const std::vector<std::string>& names) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 4> kFlags = {
      {{"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
       {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
       {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
       // Only of use with SCMP_ACT_NOTIFY, without which the kernel refuses it.
       {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 0}}};
  // As runc: the filter alone does not slow the program down by switching speculation off.
  unsigned flags = names.empty() ? unsigned{SECCOMP_FILTER_FLAG_SPEC_ALLOW} : 0U;
  for (const std::string& name : names) {
    const auto* const it = std::ranges::find(kFlags, name, &std::pair<std::string_view, unsigned>::first);
    if (it == kFlags.end()) {
      return make_error(Code::kInvalid, fmt::format("flags: '{}' is no flag", name));
    }
    flags |= it->second;
  }
  return flags;
}

}  // namespace

Result<Filter> compile(const Rules& rules) {
  Filter filter;
  CMP_TRY(filter.flags, flags_of(rules.flags));
  const std::uint32_t native = ::seccomp_arch_native();
  std::set<std::uint32_t> entries = {native};
  CMP_TRY(const Context context, context_for(rules, native));
  for (const std::string& name : rules.also) {
    CMP_TRY(const std::uint32_t entry, entry_of(name));
    if (entries.insert(entry).second) {
      CMP_TRY(Context other, context_for(rules, entry));
      if (const int result = ::seccomp_merge(context.get(), other.get()); result != 0) {
        return refused(name, result);
      }
      static_cast<void>(other.release());  // part of the first now
    }
  }
  CMP_TRY(const std::string code, exported(context));
  filter.program = lets_pass(rules.otherwise) ? code : newer_calls_refused(entries) + code;
  return filter;
}

std::string compiler_version() {
  const scmp_version* version = ::seccomp_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->micro);
}

}  // namespace cmp::seccomp
