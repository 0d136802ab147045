#include "init/program.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/core.h>

#include "init/denied.hpp"
#include "sys/file.hpp"

namespace cmp::init {

namespace {

constexpr std::size_t kHeadBytes = 4096;

struct Machine {
  unsigned number;
  std::string_view name;  // as uname(2) calls it
};

constexpr std::array kMachines = {Machine{EM_X86_64, "x86_64"}, Machine{EM_AARCH64, "aarch64"},
                                  Machine{EM_386, "i686"},      Machine{EM_ARM, "armv7l"},
                                  Machine{EM_PPC64, "ppc64le"}, Machine{EM_S390, "s390x"},
                                  Machine{EM_RISCV, "riscv64"}};

Error because(int err, const std::string& path, const std::string& reason) {
  Error error = sys_error(fmt::format("exec '{}'", path), err);
  error.message = fmt::format("exec '{}': {}", path, reason);
  return error;
}

/// 0 if the file can be executed by somebody, else the errno that says why not.
int check_executable(const std::string& path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return errno;
  }
  if (S_ISDIR(info.st_mode)) {
    return EISDIR;
  }
  return S_ISREG(info.st_mode) && (info.st_mode & 0111U) != 0 ? 0 : EACCES;
}

Error unusable(const std::string& path, int err) {
  switch (err) {
    case EISDIR:
      return because(err, path, "is a directory");
    case EACCES:
      return because(err, path, "is not an executable file: chmod +x");
    case ENOENT:
      return because(err, path, "no such file in the container");
    default:
      return sys_error(fmt::format("exec '{}'", path), err);
  }
}

template <typename T>
bool read_struct(const std::string& head, std::size_t at, T& value) {
  if (at > head.size() || head.size() - at < sizeof value) {
    return false;
  }
  std::memcpy(&value, head.data() + at, sizeof value);
  return true;
}

/// PT_INTERP of a 64-bit little-endian file; it lies within the first page in practice.
std::string elf_interpreter(const std::string& head) {
  Elf64_Ehdr header{};
  if (!read_struct(head, 0, header) || header.e_ident[EI_CLASS] != ELFCLASS64) {
    return "";
  }
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    if (!read_struct(head, header.e_phoff + i * sizeof segment, segment)) {
      return "";
    }
    if (segment.p_type == PT_INTERP && segment.p_offset < head.size()) {
      const std::string text = head.substr(segment.p_offset, segment.p_filesz);
      return text.substr(0, text.find('\0'));
    }
  }
  return "";
}

std::string machine_name(unsigned number) {
  const auto it = std::ranges::find(kMachines, number, &Machine::number);
  return it == kMachines.end() ? fmt::format("machine {}", number) : std::string(it->name);
}

std::string host_architecture() {
  utsname name{};
  return ::uname(&name) == 0 ? name.machine : "";
}

std::string read_head(const std::string& path) {
  auto fd = sys::open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) {
    return "\n";  // nothing is known of it, not even that it is empty
  }
  std::string head(kHeadBytes, '\0');
  const ssize_t got = ::read(fd->get(), head.data(), head.size());
  head.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return head;
}

Error missing_part(const std::string& path, const ExecutableFormat& format) {
  if (!format.interpreter.empty() && !sys::exists(format.interpreter)) {
    if (format.interpreter.ends_with('\r')) {
      return because(ENOENT, path, "its first line ends in a carriage return: the script has Windows line ends");
    }
    const char* kind = format.kind == ExecutableFormat::Kind::kScript ? "interpreter" : "dynamic loader";
    return because(ENOENT, path, fmt::format("its {} '{}' is missing in the container", kind, format.interpreter));
  }
  return unusable(path, ENOENT);
}

Error wrong_format(const std::string& path, const ExecutableFormat& format) {
  if (format.kind == ExecutableFormat::Kind::kElf && format.architecture != host_architecture()) {
    return because(ENOEXEC, path,
                   fmt::format("built for {}, this host is {}; it would run with the package qemu-user-static",
                               format.architecture, host_architecture()));
  }
  if (format.kind == ExecutableFormat::Kind::kEmpty) {
    return because(ENOEXEC, path, "the file is empty");
  }
  return because(ENOEXEC, path, "neither a program nor a script with a #! line");
}

}  // namespace

std::string variable(const std::vector<std::string>& environment, const std::string& key) {
  for (const std::string& entry : environment) {
    if (entry.size() > key.size() && entry.starts_with(key) && entry[key.size()] == '=') {
      return entry.substr(key.size() + 1);
    }
  }
  return "";
}

Result<std::string> find_program(const std::string& argv0, const std::string& search_path,
                                 const std::string& working_dir) {
  const auto in_directory = [](const std::string& dir, const std::string& name) {
    return dir.ends_with('/') ? dir + name : dir + '/' + name;
  };
  if (argv0.find('/') != std::string::npos) {
    const std::string path = argv0.starts_with('/') ? argv0 : in_directory(working_dir, argv0);
    const int err = check_executable(path);
    return err == 0 ? Result<std::string>(path) : unusable(path, err);
  }
  Error not_found = because(ENOENT, argv0, fmt::format("not found in the container's PATH ({})", search_path));
  for (std::size_t at = 0; at <= search_path.size();) {
    const auto colon = std::min(search_path.find(':', at), search_path.size());
    const std::string dir = search_path.substr(at, colon - at);
    const std::string path = in_directory(dir.empty() ? working_dir : dir, argv0);
    const int err = check_executable(path);
    if (err == 0) {
      return path;
    }
    if (err == EACCES) {
      not_found = unusable(path, err);
    }
    at = colon + 1;
  }
  return not_found;
}

Error exec_error(const std::string& path, int err) {
  switch (err) {
    case ENOENT:
      return missing_part(path, read_format(read_head(path)));
    case ENOEXEC:
      return wrong_format(path, read_format(read_head(path)));
    case EACCES:
      return because(err, path, why_denied(path));
    case ETXTBSY:
      return because(err, path, "somebody is writing to it");
    case E2BIG:
      return because(err, path, "its arguments and environment are too large");
    default:
      return unusable(path, err);
  }
}

std::string interpreter_of(const std::string& path) {
  return read_format(read_head(path)).interpreter;
}

Status check_program(const std::string& path, bool native_calls_only) {
  const ExecutableFormat format = read_format(read_head(path));
  // What is no absolute path depends on where the program is started.
  if (format.interpreter.starts_with('/') && !sys::exists(format.interpreter)) {
    return missing_part(path, format);
  }
  if (native_calls_only && format.is_32_bit && sizeof(void*) > 4) {
    return because(ENOEXEC, path,
                   fmt::format("a 32-bit program ({}): the default seccomp profile lets in this machine's own system "
                               "calls only; 'security_opt: [seccomp=FILE]' with a profile that lists the architecture, "
                               "or seccomp=unconfined, lets it run",
                               format.architecture));
  }
  return {};
}

int exec_exit_code(const Error& error) {
  return error.os_errno == ENOENT || error.os_errno == ENOTDIR ? 127 : 126;
}

ExecutableFormat read_format(const std::string& head) {
  ExecutableFormat format;
  if (head.empty()) {
    format.kind = ExecutableFormat::Kind::kEmpty;
    return format;
  }
  if (head.starts_with("#!")) {
    format.kind = ExecutableFormat::Kind::kScript;
    const std::string line = head.substr(2, head.find('\n') - 2);
    const auto begin = std::min(line.find_first_not_of(" \t"), line.size());
    format.interpreter = line.substr(begin, line.find_first_of(" \t", begin) - begin);
    return format;
  }
  Elf64_Ehdr header{};
  if (head.starts_with(ELFMAG) && read_struct(head, 0, header)) {
    format.kind = ExecutableFormat::Kind::kElf;
    format.is_32_bit = header.e_ident[EI_CLASS] == ELFCLASS32;
    format.architecture = machine_name(header.e_machine);
    format.interpreter = elf_interpreter(head);
  }
  return format;
}

}  // namespace cmp::init
