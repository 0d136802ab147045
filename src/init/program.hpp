#pragma once
// Finding the program of a service on the container's PATH, and saying in words why it cannot be executed.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace cmp::init {

/// Value of `key` in a list of "KEY=VALUE"; "" if it is not there.
[[nodiscard]] std::string variable(const std::vector<std::string>& environment, const std::string& key);

/// The file that `argv0` names: as it is (relative to `working_dir`) if it has a slash, else the first executable one
/// on `search_path`. os_errno of the error: ENOENT (exit code 127), EACCES or EISDIR (126).
[[nodiscard]] Result<std::string> find_program(const std::string& argv0, const std::string& search_path,
                                               const std::string& working_dir);

/// The error of a failed execve(2), with the suspect: a missing interpreter, another architecture, Windows line ends.
/// Looks into the file, so it must run in the root and as the user that failed.
[[nodiscard]] Error exec_error(const std::string& path, int err);

/// What can be known of a program before its exec: an interpreter that is missing, a 32-bit program where only this
/// machine's own system calls are let in (`native_calls_only`), which would end it without a word.
[[nodiscard]] Status check_program(const std::string& path, bool native_calls_only);

/// The interpreter of a script or the dynamic loader of a program; "" if it has none.
[[nodiscard]] std::string interpreter_of(const std::string& path);

/// 127 if the program or its interpreter does not exist, else 126: as shells and Docker have it.
[[nodiscard]] int exec_exit_code(const Error& error);

/// What the first bytes of an executable file say about who runs it.
struct ExecutableFormat {
  enum class Kind { kUnknown, kEmpty, kScript, kElf };
  Kind kind = Kind::kUnknown;
  std::string interpreter;   ///< of the #! line or of PT_INTERP; "" if there is none
  bool is_32_bit = false;    ///< ELF
  std::string architecture;  ///< ELF: "x86_64", "aarch64", … or "machine 123"
};

[[nodiscard]] ExecutableFormat read_format(const std::string& head);

}  // namespace cmp::init
