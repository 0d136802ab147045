#include "sys/user_names.hpp"

#include <charconv>

#include "base/words.hpp"
#include "sys/file.hpp"

namespace cmp::sys {

std::map<uid_t, std::string> user_names(std::string_view passwd) {
  std::map<uid_t, std::string> names;
  while (!passwd.empty()) {
    std::string_view line = cut(passwd, '\n');
    const std::string_view name = cut(line, ':');
    cut(line, ':');
    const std::string_view number = cut(line, ':');
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
