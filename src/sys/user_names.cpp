#include "sys/user_names.hpp"

#include <algorithm>
#include <charconv>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

std::string_view take_until(std::string_view& text, char end) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(taken.size() + 1, text.size()));
  return taken;
}

}  // namespace

std::map<uid_t, std::string> user_names(std::string_view passwd) {
  std::map<uid_t, std::string> names;
  while (!passwd.empty()) {
    std::string_view line = take_until(passwd, '\n');
    const std::string_view name = take_until(line, ':');
    take_until(line, ':');
    const std::string_view number = take_until(line, ':');
    uid_t uid = 0;
    const char* const end = number.data() + number.size();
    if (!number.empty() && std::from_chars(number.data(), end, uid).ptr == end) {
      names.emplace(uid, name);
    }
  }
  return names;
}

std::map<uid_t, std::string> user_names() {
  return user_names(read_file("/etc/passwd").value_or(std::string()));
}

}  // namespace cmp::sys
