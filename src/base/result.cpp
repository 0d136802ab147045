#include "base/result.hpp"

#include <cstring>

namespace cmp {

std::string SourcePos::str() const {
  std::string out = file;
  if (line > 0) {
    out += ':' + std::to_string(line);
    if (column > 0) {
      out += ':' + std::to_string(column);
    }
  }
  return out;
}

Error&& Error::context(std::string_view noun) && {
  message.insert(0, std::string(noun) + ": ");
  return std::move(*this);
}

Error&& Error::at(const SourcePos& pos) && {
  if (!where.known() && where.file.empty()) {
    where = pos;
  }
  return std::move(*this);
}

std::string Error::str() const {
  std::string out = where.file.empty() ? message : where.str() + ": " + message;
  for (const Error& other : others) {
    out += '\n' + other.str();
  }
  return out;
}

Error make_error(Code code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

Error sys_error(std::string_view what, int err) {
  Error error;
  error.code = (err == EPERM || err == EACCES) ? Code::kPermission : err == ENOENT ? Code::kNotFound : Code::kSystem;
  error.os_errno = err;
  char buffer[128];
  error.message = std::string(what) + ": " + strerror_r(err, buffer, sizeof buffer);
  // glibc says "No such file or directory"; our messages are lower case throughout.
  const auto reason = what.size() + 2;
  if (reason + 1 < error.message.size() && std::islower(static_cast<unsigned char>(error.message[reason + 1])) != 0) {
    error.message[reason] = static_cast<char>(std::tolower(static_cast<unsigned char>(error.message[reason])));
  }
  return error;
}

}  // namespace cmp
