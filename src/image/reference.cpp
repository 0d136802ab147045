#include "image/reference.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

namespace cmp::image {

namespace {

constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxTag = 128;
constexpr const char* kDefaultRegistry = "docker.io";

struct Transport {
  std::string_view prefix;
  Source source;
};

constexpr std::array kTransports = {Transport{"oci:", Source::kOciLayout},
                                    Transport{"oci-archive:", Source::kOciArchive},
                                    Transport{"docker-archive:", Source::kDockerArchive}};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

Error invalid(std::string_view text, std::string_view why) {
  return make_error(Code::kInvalid, fmt::format("image '{}': {}", text, why));
}

/// One part between slashes: letters and digits, with single '.', one or two '_' or any number of '-' between them.
bool is_path_component(std::string_view part) {
  const auto plain = [](char c) { return is_lower(c) || is_digit(c); };
  if (part.empty() || !plain(part.front()) || !plain(part.back())) {
    return false;
  }
  for (std::size_t at = 0; at < part.size(); ++at) {
    const char c = part[at];
    const bool doubled = at > 0 && part[at - 1] == c;
    if (!plain(c) && c != '-' && c != '_' && c != '.') {
      return false;
    }
    if ((c == '.' && !plain(part[at - 1])) || (c == '_' && doubled && at > 1 && part[at - 2] == '_') ||
        ((c == '-' || c == '_') && !plain(part[at - 1]) && !doubled)) {
      return false;
    }
  }
  return true;
}

bool is_repository(std::string_view name) {
  while (!name.empty()) {
    const auto slash = name.find('/');
    if (!is_path_component(name.substr(0, slash))) {
      return false;
    }
    if (slash == std::string_view::npos) {
      return true;
    }
    name.remove_prefix(slash + 1);
  }
  return false;
}

bool is_tag(std::string_view tag) {
  const auto word = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return !tag.empty() && tag.size() <= kMaxTag && word(tag.front()) &&
         std::ranges::all_of(tag, [&](char c) { return word(c) || c == '.' || c == '-'; });
}

bool is_host(std::string_view host) {
  return !host.empty() &&
         std::ranges::all_of(host, [](char c) { return is_alphanumeric(c) || c == '.' || c == '-'; }) &&
         is_alphanumeric(host.front()) && is_alphanumeric(host.back());
}

/// host, host:port or [IPv6]:port
bool is_registry(std::string_view text) {
  const auto colon = text.ends_with(']') ? std::string_view::npos : text.rfind(':');
  const std::string_view host = text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? "0" : text.substr(colon + 1);
  const bool v6 = host.starts_with('[') && host.ends_with(']') &&
                  host.find_first_not_of("0123456789abcdefABCDEF:.[]") == std::string_view::npos;
  const bool number = !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
  constexpr std::string_view kHighest = "65535";
  return (v6 || is_host(host)) && number && (port.size() < kHighest.size() || port <= kHighest);
}

/// The first component is a registry if it cannot be anything else: it has a dot or a port, or is localhost.
bool looks_like_registry(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos ||
         std::ranges::any_of(first, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<Reference> parse_local(std::string_view text, const Transport& transport, std::string_view directory) {
  std::string_view rest = text.substr(transport.prefix.size());
  Reference reference;
  reference.source = transport.source;
  const auto at = rest.rfind("@sha256:");
  if (at != std::string_view::npos && transport.source != Source::kDockerArchive) {
    CMP_TRY(reference.digest, parse_digest(rest.substr(at + 1)).context(fmt::format("image '{}'", text)));
    rest = rest.substr(0, at);
  }
  // A tag has no slash, a docker-archive's name may; a path with a colon in its last part needs a tag behind it.
  const auto slash = rest.rfind('/');
  const auto colon = transport.source == Source::kDockerArchive
                         ? rest.find(':')
                         : rest.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) {
    reference.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (reference.tag.empty()) {
      return invalid(text, "there is no name behind the ':'");
    }
  }
  if (rest.empty()) {
    return invalid(text, fmt::format("there is no path behind '{}'", transport.prefix));
  }
  while (rest.size() > 1 && rest.ends_with('/')) {
    rest.remove_suffix(1);
  }
  while (rest.starts_with("./")) {
    rest.remove_prefix(2);
  }
  reference.path = rest.starts_with('/') ? std::string(rest) : fmt::format("{}/{}", directory, rest);
  return reference;
}

/// Takes "@digest" and ":tag" off the end.
Result<std::string_view> take_suffixes(std::string_view text, Reference& reference) {
  std::string_view name = text;
  if (const auto at = name.find('@'); at != std::string_view::npos) {
    CMP_TRY(reference.digest, parse_digest(name.substr(at + 1)).context(fmt::format("image '{}'", text)));
    name = name.substr(0, at);
  }
  const auto colon = name.rfind(':');
  if (colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos) {
    reference.tag = name.substr(colon + 1);
    if (!is_tag(reference.tag)) {
      return invalid(text, fmt::format("'{}' is no tag", reference.tag));
    }
    name = name.substr(0, colon);
  } else if (!reference.digest.known()) {
    reference.tag = "latest";
  }
  return name;
}

}  // namespace

std::string Reference::str() const {
  std::string whole = registry + '/' + repository;
  if (local()) {
    whole = std::ranges::find(kTransports, source, &Transport::source)->prefix;
    whole += path;
  }
  return fmt::format("{}{}{}{}{}", whole, tag.empty() ? "" : ":", tag, digest.known() ? "@" : "", digest.str());
}

std::string Reference::familiar_name() const {
  if (local()) {
    Reference untagged = *this;
    untagged.tag.clear();
    untagged.digest = {};
    return untagged.str();
  }
  if (registry != kDefaultRegistry) {
    return registry + '/' + repository;
  }
  constexpr std::string_view kOfficial = "library/";
  const bool official =
      repository.starts_with(kOfficial) && repository.find('/', kOfficial.size()) == std::string::npos;
  return official ? repository.substr(kOfficial.size()) : repository;
}

std::string Reference::familiar() const {
  return fmt::format("{}{}{}{}{}", familiar_name(), tag.empty() ? "" : ":", tag, digest.known() ? "@" : "",
                     digest.str());
}

Result<Reference> parse_reference(std::string_view text, std::string_view directory) {
  for (const Transport& transport : kTransports) {
    if (text.starts_with(transport.prefix)) {
      return parse_local(text, transport, directory);
    }
  }
  Reference reference;
  CMP_TRY(std::string_view name, take_suffixes(text, reference));
  const auto slash = name.find('/');
  if (slash != std::string_view::npos && looks_like_registry(name.substr(0, slash))) {
    reference.registry = name.substr(0, slash);
    name = name.substr(slash + 1);
    if (!is_registry(reference.registry)) {
      return invalid(text, fmt::format("'{}' is no registry", reference.registry));
    }
  }
  if (reference.registry.empty() || reference.registry == "index.docker.io") {
    reference.registry = kDefaultRegistry;
  }
  const bool official = reference.registry == kDefaultRegistry && name.find('/') == std::string_view::npos;
  reference.repository = (official ? "library/" : "") + std::string(name);
  if (!is_repository(name) || reference.repository.size() > kMaxName) {
    const bool capital = std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
    return invalid(text, capital ? fmt::format("a repository is written in lower case, '{}' is not", name)
                                 : fmt::format("'{}' is no name of a repository", name));
  }
  return reference;
}

}  // namespace cmp::image
