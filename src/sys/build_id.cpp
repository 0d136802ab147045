#include "sys/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstring>

#include <fmt/core.h>

namespace cmp::sys {

namespace {

constexpr std::size_t kAligned = 4;

std::size_t aligned(std::size_t size) {
  return (size + kAligned - 1) / kAligned * kAligned;
}

/// The id among the notes of one segment, "" if it is not there.
std::string id_in(const char* notes, std::size_t size) {
  for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
    ElfW(Nhdr) note{};
    std::memcpy(&note, notes + at, sizeof note);
    const char* const name = notes + at + sizeof note;
    const char* const value = name + aligned(note.n_namesz);
    at += sizeof note + aligned(note.n_namesz) + aligned(note.n_descsz);
    if (at > size || note.n_type != NT_GNU_BUILD_ID || std::strncmp(name, "GNU", sizeof "GNU") != 0) {
      continue;
    }
    std::string text;
    for (std::size_t i = 0; i < note.n_descsz; ++i) {
      text += fmt::format("{:02x}", static_cast<unsigned char>(value[i]));
    }
    return text;
  }
  return "";
}

/// Of dl_iterate_phdr(3): the first object is the program itself.
int take_program(dl_phdr_info* info, std::size_t /*size*/, void* out) {
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) {
      continue;
    }
    const auto* const notes = reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);  // NOLINT: an address
    if (std::string id = id_in(notes, segment.p_memsz); !id.empty()) {
      *static_cast<std::string*>(out) = std::move(id);
      return 1;
    }
  }
  return 1;
}

std::string find() {
  std::string id;
  ::dl_iterate_phdr(take_program, &id);
  return id;
}

}  // namespace

const std::string& build_id() {
  static const std::string id = find();
  return id;
}

}  // namespace cmp::sys
