#pragma once
// System calls younger than the libseccomp that Debian 12 has (2.5.4 ends with Linux 5.17).

#include <array>
#include <string_view>

namespace cmp::seccomp {

struct NewCall {
  std::string_view name;
  int number;
};

// Since Linux 5.1 a new call has the same number on every architecture (MIPS and alpha add an offset). Linux's
// scripts/syscall.tbl.
inline constexpr std::array kNewCalls = {
    NewCall{"cachestat", 451},         NewCall{"fchmodat2", 452},        NewCall{"map_shadow_stack", 453},
    NewCall{"futex_wake", 454},        NewCall{"futex_wait", 455},       NewCall{"futex_requeue", 456},
    NewCall{"statmount", 457},         NewCall{"listmount", 458},        NewCall{"lsm_get_self_attr", 459},
    NewCall{"lsm_set_self_attr", 460}, NewCall{"lsm_list_modules", 461}, NewCall{"mseal", 462},
    NewCall{"setxattrat", 463},        NewCall{"getxattrat", 464},       NewCall{"listxattrat", 465},
    NewCall{"removexattrat", 466},     NewCall{"open_tree_attr", 467},   NewCall{"file_getattr", 468},
    NewCall{"file_setattr", 469}};

#if defined(__x86_64__)
inline constexpr std::array kNewNativeCalls = {NewCall{"uretprobe", 335}, NewCall{"uprobe", 336}};
#elif defined(__riscv)
inline constexpr std::array kNewNativeCalls = {NewCall{"riscv_hwprobe", 258}};
#else
inline constexpr std::array<NewCall, 0> kNewNativeCalls = {};
#endif

}  // namespace cmp::seccomp
