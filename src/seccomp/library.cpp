#include "seccomp/library.hpp"

#include <linux/filter.h>
#include <sys/utsname.h>

#include <charconv>

#include <fmt/core.h>

#include "base/sha256.hpp"
#include "seccomp/profile.hpp"
#include "sys/file.hpp"

namespace cmp::seccomp {

namespace {

constexpr std::string_view kHeader = "cmp seccomp filter 1\n";
constexpr std::size_t kDigestLength = 64;
constexpr std::size_t kFlagsLength = 8;
// A file is some kilobytes; a machine with ever new profiles must not fill its disk with them.
constexpr std::size_t kFilesAtMost = 64;

Subject subject_of(const std::vector<std::string>& capabilities) {
  utsname name{};
  Subject subject{.architecture = {}, .kernel = {}, .capabilities = capabilities};
  if (::uname(&name) == 0) {
    subject.architecture = name.machine;
    const std::string_view release = name.release;
    const auto [dot, error] = std::from_chars(release.data(), release.data() + release.size(), subject.kernel.first);
    if (error == std::errc() && dot != release.data() + release.size()) {
      std::from_chars(dot + 1, release.data() + release.size(), subject.kernel.second);
    }
  }
  return subject;
}

std::string key_of(std::string_view profile, Entries entries, const Subject& subject) {
  std::string text = fmt::format("{}{}\n{}\n{}.{}\n{}\n", kHeader, compiler_version(), subject.architecture,
                                 subject.kernel.first, subject.kernel.second, entries == Entries::kNativeOnly);
  for (const std::string& name : subject.capabilities) {
    text += name + '\n';
  }
  text += profile;
  return sha256_hex(text);
}

bool is_key(const std::string& text) {
  return text.size() == kDigestLength && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string encode(const Filter& filter) {
  const std::string body = fmt::format("{:08x}{}", filter.flags, filter.program);
  return fmt::format("{}{}{}", kHeader, sha256_hex(body), body);
}

Result<Filter> decode(std::string_view text) {
  const auto damaged = make_error(Code::kInvalid, "not a seccomp filter");
  if (!text.starts_with(kHeader) || text.size() < kHeader.size() + kDigestLength + kFlagsLength) {
    return damaged;
  }
  const std::string_view digest = text.substr(kHeader.size(), kDigestLength);
  const std::string_view body = text.substr(kHeader.size() + kDigestLength);
  const std::string_view flags = body.substr(0, kFlagsLength);
  Filter filter;
  filter.program = body.substr(kFlagsLength);
  const auto [end, error] = std::from_chars(flags.data(), flags.data() + flags.size(), filter.flags, 16);
  const bool whole = !filter.program.empty() && filter.program.size() % sizeof(sock_filter) == 0;
  return whole && error == std::errc() && digest == sha256_hex(body) ? Result<Filter>(std::move(filter)) : damaged;
}

Library::Library(std::string directory) : directory_(std::move(directory)) {}

Result<Kept> Library::get(std::string_view profile, Entries entries, const std::vector<std::string>& capabilities) {
  const Subject subject = subject_of(capabilities);
  std::string& key = keys_[{std::string(profile), entries, capabilities}];
  if (key.empty()) {
    key = key_of(profile, entries, subject);
  }
  if (auto kept = find(key)) {
    return Kept{key, *std::move(kept)};
  }
  CMP_TRY(const Profile parsed, parse_profile(profile));
  CMP_TRY(Filter filter, compile(resolve(parsed, subject, entries)));
  keep(key, filter);
  known_[key] = filter;
  return Kept{key, std::move(filter)};
}

Result<Filter> Library::find(const std::string& key) {
  if (const auto it = known_.find(key); it != known_.end()) {
    return it->second;
  }
  if (!is_key(key)) {
    return make_error(Code::kNotFound, fmt::format("'{}' is no key of a seccomp filter", key));
  }
  CMP_TRY(const std::string text, sys::read_file(file_of(key)));
  CMP_TRY(Filter filter, decode(text).context(file_of(key)));
  return known_[key] = std::move(filter);
}

std::string Library::file_of(const std::string& key) const {
  return fmt::format("{}/{}.bpf", directory_, key);
}

/// A filter that cannot be kept is compiled again the next time; nothing else depends on it.
void Library::keep(const std::string& key, const Filter& filter) const {
  static_cast<void>(sys::make_directories(directory_, 0700));
  if (const auto names = sys::list_directory(directory_); names && names->size() >= kFilesAtMost) {
    for (const std::string& name : *names) {
      static_cast<void>(sys::remove_tree(fmt::format("{}/{}", directory_, name)));
    }
  }
  static_cast<void>(sys::write_file_atomically(file_of(key), encode(filter), 0600));
}

}  // namespace cmp::seccomp
