#pragma once
// What a host offers and lacks, which way cmp takes for each, and what to do about it: `cmp doctor`. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cmp::cli {

/// What was found out, by asking or trying (host_facts.hpp).
struct HostFacts {
  bool root = false;
  std::uint64_t capabilities = 0;        ///< the bounding set: what a service can be given
  std::vector<std::string> namespaces;   ///< kinds the kernel has: "mnt", "net" …
  std::string cgroup_problem;            ///< "" if there is one that may be written
  int cgroup_version = 2;                ///< of the hierarchy with the memory controller
  bool cgroup_hybrid = false;            ///< v1 controllers beside a v2 tree
  std::vector<std::string> controllers;  ///< what a group of ours can get
  bool limits_swap = false, limits_real_time = false;
  std::string cgroup_why;            ///< which hierarchies were taken, and why
  std::string device_rules_problem;  ///< "" if services can be kept from devices
  bool overlay = false;
  std::string state_dir;          ///< where images, volumes and what containers write are
  std::string state_dir_problem;  ///< "" if its file system can hold that
  bool seccomp = false;
  bool apparmor = false, apparmor_profile = false, selinux = false;
  std::optional<std::string> bridge_problem;  ///< nothing: it was not tried; "": one could be made
  std::optional<std::string> filter_problem;  ///< nothing: it was not tried; "": packets can be filtered and translated
  std::vector<std::string> dropping_chains;   ///< of others, with policy drop, that see forwarded packets
  bool user_namespaces = false;
  bool lxcfs = false, systemd = false, buildah = false, transfer = false;
};

enum class Grade {
  kGood,
  kLimited,  ///< cmp works, with less or by another way
  kMissing   ///< cmp cannot run services without it
};

struct Finding {
  Grade grade = Grade::kGood;
  std::string subject;  ///< "control groups"
  std::string found;    ///< "version 2: cpu, io, memory, pids"
  std::string way;      ///< what cmp does on this host; several with "; " between
  std::string remedy;   ///< what to install or enable; "" if nothing need be
  friend bool operator==(const Finding&, const Finding&) = default;
};

/// In the order in which `up` needs them.
[[nodiscard]] std::vector<Finding> diagnose(const HostFacts& facts);

/// "good", "limited", "missing".
[[nodiscard]] std::string grade_word(Grade grade);

/// A paragraph a finding, for people.
[[nodiscard]] std::string render(const std::vector<Finding>& findings);

/// False if one of them is kMissing.
[[nodiscard]] bool can_run(const std::vector<Finding>& findings);

}  // namespace cmp::cli
