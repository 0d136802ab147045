#include "rootfs/host.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "base/words.hpp"
#include "sys/file.hpp"
#include "sys/mount_table.hpp"

namespace cmp::rootfs {

namespace {

constexpr std::array kAlwaysHidden = {"/etc/ssl/private",
                                      "/etc/sudoers.d",
                                      "/home",
                                      "/lost+found",
                                      "/media",
                                      "/mnt",
                                      "/root",
                                      "/run",
                                      "/srv",
                                      "/tmp",
                                      "/var/backups",
                                      "/var/lib/cmp",
                                      "/var/mail",
                                      "/var/spool/cron",
                                      "/var/tmp"};
// Passwords and keys of the host. What runs as a user needs passwd and group only, which stay.
constexpr std::array kSecretFiles = {
    "/etc/gshadow", "/etc/gshadow-", "/etc/krb5.keytab", "/etc/security/opasswd",
    "/etc/shadow",  "/etc/shadow-",  "/etc/sudoers",     "/var/cache/debconf/passwords.dat"};
// Directories of "/" that are the system's; the last ones where distributions keep all programs.
constexpr std::array<std::string_view, 18> kShownTop = {"bin",   "boot",   "dev",     "etc",  "lib",  "lib32",
                                                        "lib64", "libx32", "opt",     "proc", "sbin", "sys",
                                                        "usr",   "var",    "libexec", "nix",  "gnu",  "snap"};
// What makes the host a system. Mounted separately, these are not reached, and hiding them would not help.
constexpr std::array<std::string_view, 16> kSystem = {
    "/",     "/bin", "/boot",    "/etc",     "/lib",       "/lib32",    "/lib64", "/opt",
    "/sbin", "/usr", "/usr/bin", "/usr/lib", "/usr/local", "/usr/sbin", "/var",   "/var/lib"};
// Covered by the container's own mounts in any case.
constexpr std::array kCovered = {"/dev", "/proc", "/sys"};
constexpr unsigned kFirstPerson = 1000;
constexpr unsigned kNobody = 65534;

bool is_system(std::string_view path) {
  return std::ranges::find(kSystem, path) != kSystem.end();
}

bool is_in(std::string_view path, std::string_view directory) {
  return path == directory || (path.starts_with(directory) && path[directory.size()] == '/');
}

bool is_covered(std::string_view path) {
  return std::ranges::any_of(kCovered, [&](std::string_view top) { return is_in(path, top); });
}

std::optional<std::string_view> home_of_person(std::string_view line) {
  std::array<std::string_view, 6> field;  // name:password:uid:gid:comment:home[:shell], passwd(5)
  for (std::string_view& part : field) {
    part = cut(line, ':');
  }
  unsigned uid = 0;
  const auto [end, error] = std::from_chars(field[2].data(), field[2].data() + field[2].size(), uid);
  const bool person = error == std::errc() && uid >= kFirstPerson && uid != kNobody;
  return person && field[5].starts_with('/') ? std::optional(field[5]) : std::nullopt;
}

std::set<std::string> mount_points(std::string_view mountinfo) {
  std::set<std::string> points;
  for (sys::MountEntry& entry : sys::parse_mount_table(mountinfo)) {
    points.insert(std::move(entry.point));
  }
  return points;
}

/// Where the directory really is; nothing if it is none.
std::optional<std::string> real_directory(const std::string& path) {
  const std::unique_ptr<char, decltype(&::free)> real(::realpath(path.c_str(), nullptr), &::free);

  struct stat info {};

  if (!real || ::stat(real.get(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return std::nullopt;
  }
  return std::string(real.get());
}

/// Private halves of the host's keys: ssh_host_ed25519_key and the like.
bool is_host_key(std::string_view name) {
  return name.starts_with("ssh_host_") && name.ends_with("_key");
}

Status add_directory(std::map<std::string, model::HiddenDirectory>& layer, const std::string& path, bool hidden) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return sys_error(fmt::format("stat '{}'", path));
  }
  layer.try_emplace(path, model::HiddenDirectory{path, info.st_mode & 07777U, info.st_uid, info.st_gid, hidden});
  return {};
}

/// Each hidden directory with the parents it needs, which stay what they are.
Result<std::vector<model::HiddenDirectory>> layer_of(const std::vector<std::string>& paths) {
  std::map<std::string, model::HiddenDirectory> layer;
  for (const std::string& path : paths) {
    CMP_CHECK(add_directory(layer, path, true));
    for (auto slash = path.rfind('/'); slash != 0; slash = path.rfind('/', slash - 1)) {
      CMP_CHECK(add_directory(layer, path.substr(0, slash), false));
    }
  }
  std::vector<model::HiddenDirectory> directories;
  for (auto& [path, directory] : layer) {
    directories.push_back(std::move(directory));
  }
  return directories;
}

/// Links followed, doubles and what lies in another one left out.
std::vector<std::string> existing(const std::vector<std::string>& paths) {
  std::set<std::string> real;
  for (const std::string& path : paths) {
    if (const auto directory = real_directory(path); directory && !is_system(*directory) && !is_covered(*directory)) {
      real.insert(*directory);
    }
  }
  std::vector<std::string> outermost;
  for (const std::string& path : real) {  // sorted, so an outer directory comes before what is in it
    if (std::ranges::none_of(outermost, [&](const std::string& outer) { return is_in(path, outer); })) {
      outermost.push_back(path);
    }
  }
  return outermost;
}

}  // namespace

HiddenPaths hidden_paths(const HostFiles& host) {
  std::set<std::string> wanted(kAlwaysHidden.begin(), kAlwaysHidden.end());
  wanted.insert(host.own_directories.begin(), host.own_directories.end());
  for (std::string_view rest = host.passwd; !rest.empty();) {
    if (const auto home = home_of_person(cut(rest, '\n'))) {
      wanted.insert(std::string(*home));
    }
  }
  HiddenPaths paths;
  for (const std::string& point : mount_points(host.mountinfo)) {
    if (point != "/" && !is_covered(point) && (is_system(point) || is_in(point, "/usr") || is_in(point, "/opt"))) {
      paths.unreachable.push_back(point);
    } else {
      wanted.insert(point);
    }
  }
  for (const std::string& name : host.top) {
    if (std::ranges::find(kShownTop, name) == kShownTop.end()) {
      wanted.insert("/" + name);
    }
  }
  for (const std::string& path : wanted) {
    const bool inside = std::ranges::any_of(paths.hidden, [&](const std::string& outer) { return is_in(path, outer); });
    if (!inside && !is_system(path) && !is_covered(path)) {
      paths.hidden.push_back(path);
    }
  }
  return paths;
}

std::vector<std::string> secret_files(const std::vector<std::string>& ssh) {
  std::vector<std::string> files(kSecretFiles.begin(), kSecretFiles.end());
  for (const std::string& name : ssh) {
    if (is_host_key(name)) {
      files.push_back("/etc/ssh/" + name);
    }
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> existing_secret_files() {
  auto files = secret_files(sys::list_directory("/etc/ssh").value_or({}));
  std::erase_if(files, [](const std::string& file) { return !sys::exists(file); });
  return files;
}

Result<Layers> host_layers(const std::vector<std::string>& own_directories) {
  HostFiles host{.own_directories = own_directories};
  CMP_TRY(host.passwd, sys::read_file("/etc/passwd"));
  CMP_TRY(host.mountinfo, sys::read_file("/proc/self/mountinfo"));
  CMP_TRY(host.top, sys::list_directory("/"));
  HiddenPaths paths = hidden_paths(host);
  CMP_TRY(std::vector<model::HiddenDirectory> hidden, layer_of(existing(paths.hidden)));
  return Layers{.lower = {"/"}, .hidden = std::move(hidden), .unreachable = std::move(paths.unreachable)};
}

Result<Layers> directory_layers(const std::string& directory) {
  struct stat info {};

  if (::stat(directory.c_str(), &info) != 0) {
    return sys_error(fmt::format("x-rootfs '{}'", directory));
  }
  if (!S_ISDIR(info.st_mode)) {
    return sys_error(fmt::format("x-rootfs '{}'", directory), ENOTDIR);
  }
  return Layers{.lower = {directory}};
}

}  // namespace cmp::rootfs
