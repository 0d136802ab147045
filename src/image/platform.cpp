#include "image/platform.hpp"

#include <sys/utsname.h>

#include <array>
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "base/words.hpp"

namespace cmp::image {

namespace {

struct OtherName {
  std::string_view name, architecture, variant;
};

// As containerd's platforms package and uname(2) spell them.
constexpr std::array kOtherNames = {
    OtherName{"x86_64", "amd64", ""},    OtherName{"x86-64", "amd64", ""},       OtherName{"aarch64", "arm64", ""},
    OtherName{"armhf", "arm", "v7"},     OtherName{"armel", "arm", "v6"},        OtherName{"armv7l", "arm", "v7"},
    OtherName{"armv6l", "arm", "v6"},    OtherName{"armv8l", "arm", "v7"},       OtherName{"i386", "386", ""},
    OtherName{"i686", "386", ""},        OtherName{"ppc64le", "ppc64le", ""},    OtherName{"s390x", "s390x", ""},
    OtherName{"riscv64", "riscv64", ""}, OtherName{"loongarch64", "loong64", ""}};

Platform with_usual_names(Platform platform) {
  for (const OtherName& other : kOtherNames) {
    if (platform.architecture == other.name) {
      platform.architecture = other.architecture;
      if (platform.variant.empty()) {
        platform.variant = other.variant;
      }
      break;
    }
  }
  // arm64 has one variant in practice, and it is left out as often as not; the same for 32 bit arm's v7.
  if (platform.architecture == "arm64" && platform.variant == "v8") {
    platform.variant.clear();
  }
  if (platform.architecture == "arm" && platform.variant.empty()) {
    platform.variant = "v7";
  }
  if (platform.architecture == "amd64" && platform.variant == "v1") {
    platform.variant.clear();
  }
  return platform;
}

int arm_version(const std::string& variant) {
  int version = 0;
  if (variant.starts_with('v')) {
    std::from_chars(variant.data() + 1, variant.data() + variant.size(), version);
  }
  return version;
}

}  // namespace

std::string Platform::str() const {
  return fmt::format("{}/{}{}{}", os, architecture, variant.empty() ? "" : "/", variant);
}

Result<Platform> parse_platform(std::string_view text, const Platform& host) {
  std::string_view rest = text;
  Platform platform;
  platform.os = cut(rest, '/');
  platform.architecture = cut(rest, '/');
  platform.variant = cut(rest, '/');
  if (platform.os.empty() || !rest.empty()) {
    return make_error(Code::kInvalid, fmt::format("'{}' is no platform: write os/arch or os/arch/variant", text));
  }
  if (platform.architecture.empty()) {
    // A single word is a system or, as Docker takes it, an architecture.
    if (platform.os == "linux") {
      return host;
    }
    platform.architecture = std::exchange(platform.os, "linux");
  }
  if (platform.os != "linux") {
    return make_error(Code::kUnsupported, fmt::format("platform '{}': only linux images run here", text));
  }
  return with_usual_names(std::move(platform));
}

Platform host_platform() {
  utsname name{};
  ::uname(&name);
  return with_usual_names({.os = "linux", .architecture = name.machine, .variant = ""});
}

int distance(const Platform& offered_as_written, const Platform& wanted) {
  const Platform offered = with_usual_names(offered_as_written);
  if (offered.os != wanted.os || offered.architecture != wanted.architecture) {
    return -1;
  }
  if (offered.architecture == "arm") {
    const int newer = arm_version(wanted.variant) - arm_version(offered.variant);
    return newer < 0 ? -1 : newer;
  }
  return offered.variant == wanted.variant ? 0 : offered.variant.empty() ? 1 : -1;
}

}  // namespace cmp::image
