#include "init/identity.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/core.h>

#include "base/words.hpp"
#include "sys/file.hpp"
#include "sys/in_root.hpp"

namespace cmp::init {

namespace {

constexpr std::uint32_t kMaxId = 0x7fffffff;
constexpr std::size_t kMaxFileBytes = 10U << 20U;

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool whole = is_number(text) && error == std::errc() && end == text.data() + text.size();
  return whole && id <= kMaxId ? std::optional(id) : std::nullopt;
}

Error bad_id(std::string_view what, std::string_view text) {
  return make_error(Code::kInvalid, fmt::format("{} '{}' is not a number from 0 to {}", what, text, kMaxId));
}

struct User {
  std::string_view name;
  std::uint32_t uid = 0, gid = 0;
  std::string_view home;
};

std::optional<User> parse_user(std::string_view line) {
  std::array<std::string_view, 6> field;  // name:password:uid:gid:comment:home[:shell]
  for (std::string_view& part : field) {
    part = cut(line, ':');
  }
  const auto uid = parse_id(field[2]);
  const auto gid = parse_id(field[3]);
  if (field[0].empty() || !uid || !gid) {
    return std::nullopt;
  }
  return User{field[0], *uid, *gid, field[5]};
}

struct Group {
  std::string_view name;
  std::uint32_t gid = 0;
  std::string_view members;
};

std::optional<Group> parse_group(std::string_view line) {
  std::array<std::string_view, 4> field;  // name:password:gid:members
  for (std::string_view& part : field) {
    part = cut(line, ':');
  }
  const auto gid = parse_id(field[2]);
  return field[0].empty() || !gid ? std::nullopt : std::optional(Group{field[0], *gid, field[3]});
}

bool has_member(std::string_view members, std::string_view name) {
  while (!members.empty()) {
    if (cut(members, ',') == name) {
      return true;
    }
  }
  return false;
}

/// The first line that `parse` understands and `fits`.
template <typename Parse, typename Fits>
auto find_line(std::string_view text, Parse parse, Fits fits) -> decltype(parse(text)) {
  while (!text.empty()) {
    if (auto entry = parse(cut(text, '\n')); entry && fits(*entry)) {
      return entry;
    }
  }
  return std::nullopt;
}

Result<std::uint32_t> group_id(std::string_view wanted, std::string_view groups) {
  if (is_number(wanted)) {
    const auto id = parse_id(wanted);
    return id ? Result<std::uint32_t>(*id) : bad_id("group", wanted);
  }
  const auto found = find_line(groups, parse_group, [&](const Group& group) { return group.name == wanted; });
  if (!found) {
    return make_error(Code::kNotFound, fmt::format("the container's /etc/group has no group '{}'", wanted));
  }
  return found->gid;
}

/// A number need not be in passwd; then its group is 0 and its home "/", as Docker has it.
Result<User> find_user(std::string_view wanted, std::string_view passwd) {
  if (!is_number(wanted)) {
    const auto found = find_line(passwd, parse_user, [&](const User& user) { return user.name == wanted; });
    return found ? Result<User>(*found)
                 : make_error(Code::kNotFound, fmt::format("the container's /etc/passwd has no user '{}'", wanted));
  }
  const auto uid = parse_id(wanted);
  if (!uid) {
    return bad_id("user", wanted);
  }
  return find_line(passwd, parse_user, [&](const User& user) { return user.uid == *uid; })
      .value_or(User{"", *uid, 0, "/"});
}

void add_group(std::vector<gid_t>& groups, std::uint32_t gid) {
  if (std::ranges::find(groups, gid) == groups.end()) {
    groups.push_back(gid);
  }
}

void add_memberships(std::vector<gid_t>& groups, std::string_view name, std::string_view text) {
  while (!name.empty() && !text.empty()) {
    if (const auto group = parse_group(cut(text, '\n')); group && has_member(group->members, name)) {
      add_group(groups, group->gid);
    }
  }
}

// O_NONBLOCK: an image may have put a FIFO there, and nobody will ever write to it.
constexpr int kTableFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

Result<std::string> read_table(const char* path, Result<UniqueFd> fd) {
  if (!fd) {
    const bool missing = fd.error().os_errno == ENOENT || fd.error().os_errno == ENOTDIR;
    return missing ? Result<std::string>(std::string()) : std::move(fd).error();
  }

  struct stat info {};

  if (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return make_error(Code::kInvalid, fmt::format("the container's {} is not a regular file", path));
  }
  return sys::read_all(fd->get(), kMaxFileBytes).context(fmt::format("the container's {}", path));
}

}  // namespace

Result<Identity> resolve_identity(const container::Credentials& credentials, std::string_view passwd,
                                  std::string_view group) {
  std::string_view rest = credentials.user;
  const std::string_view user_part = cut(rest, ':');
  const bool has_group = credentials.user.find(':') != std::string::npos && !rest.empty();
  CMP_TRY(const User user, find_user(user_part.empty() ? "0" : user_part, passwd));

  Identity identity;
  identity.ids.uid = user.uid;
  identity.ids.gid = user.gid;
  identity.home = user.home.empty() ? "/" : std::string(user.home);
  if (has_group) {
    CMP_TRY(identity.ids.gid, group_id(rest, group));
  }
  identity.ids.groups.push_back(identity.ids.gid);
  if (!has_group) {
    add_memberships(identity.ids.groups, user.name, group);
  }
  for (const std::string& wanted : credentials.group_add) {
    CMP_TRY(const std::uint32_t gid, group_id(wanted, group).context("group_add"));
    add_group(identity.ids.groups, gid);
  }
  return identity;
}

Result<Identity> look_up_identity(const container::Credentials& credentials) {
  CMP_TRY(const std::string passwd, read_table("/etc/passwd", sys::open_file("/etc/passwd", kTableFlags)));
  if (const auto& exactly = credentials.exactly) {
    const auto user = find_line(passwd, parse_user, [&](const User& known) { return known.uid == exactly->uid; });
    Identity identity{.ids = {.uid = exactly->uid, .gid = exactly->gid, .groups = {}},
                      .home = user && !user->home.empty() ? std::string(user->home) : "/"};
    identity.ids.groups.assign(exactly->groups.begin(), exactly->groups.end());
    return identity;
  }
  CMP_TRY(const std::string group, read_table("/etc/group", sys::open_file("/etc/group", kTableFlags)));
  return resolve_identity(credentials, passwd, group);
}

Result<Identity> look_up_identity_in(int root, const container::Credentials& credentials) {
  const auto read = [root](const char* path) { return read_table(path, sys::open_in_root(root, path, kTableFlags)); };
  CMP_TRY(const std::string passwd, read("/etc/passwd"));
  CMP_TRY(const std::string group, read("/etc/group"));
  return resolve_identity(credentials, passwd, group);
}

}  // namespace cmp::init
