#include "engine/seccomp.hpp"

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/capabilities.hpp"
#include "container/sandbox.hpp"
#include "container/security.hpp"
#include "sys/file.hpp"

namespace cmp::engine {

namespace {

constexpr std::size_t kProfileAtMost = 1U << 20U;

Result<seccomp::Kept> filter_of_file(seccomp::Library& library, const std::string& file,
                                     const std::vector<std::string>& capabilities) {
  CMP_TRY(const std::string text, sys::read_file(file, kProfileAtMost));
  return library.get(text, seccomp::Entries::kAsListed, capabilities);
}

}  // namespace

Result<seccomp::Kept> choose_filter(seccomp::Library& library, const model::Service& service,
                                    std::uint64_t available_capabilities, const std::string& known_key) {
  CMP_TRY(const container::SecurityOptions options, container::security_options(service));
  const std::string profile = container::seccomp_profile(service, options);
  if (profile == "unconfined") {
    return seccomp::Kept();
  }
  if (auto known = library.find(known_key)) {
    return seccomp::Kept{known_key, *std::move(known)};
  }
  CMP_TRY(const container::CapabilityMask mask, container::capability_mask(service, available_capabilities));
  const auto capabilities = container::capability_names(mask);
  if (profile.empty()) {
    return library.get(seccomp::default_profile(), seccomp::Entries::kNativeOnly, capabilities)
        .context("the default seccomp profile");
  }
  auto filter = filter_of_file(library, profile, capabilities);
  if (!filter) {
    return container::blame(service, "security_opt", filter.error().code,
                            fmt::format("seccomp profile '{}': {}", profile, filter.error().message));
  }
  return filter;
}

container::SeccompFilter as_launch_data(const seccomp::Filter& filter) {
  return {.program = filter.program, .flags = filter.flags};
}

}  // namespace cmp::engine
