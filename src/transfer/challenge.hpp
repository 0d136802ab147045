#pragma once
// What a registry says about who may come in: the WWW-Authenticate header (RFC 7235; distribution's token
// specification), and what is said of its failures. Pure.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cmp::transfer {

enum class Scheme { kNone, kBasic, kBearer };

struct Challenge {
  Scheme scheme = Scheme::kNone;
  std::string realm, service, scope;
};

/// The first challenge of a kind we know; Bearer is preferred.
[[nodiscard]] Challenge parse_challenge(std::string_view header);

/// "unauthorized: authentication required" out of a registry's error document; "" if it is none.
[[nodiscard]] std::string error_in(std::string_view body);

/// An answer that is no success, in words: what was asked (`what`), what was answered and what may help.
[[nodiscard]] Error refusal(std::string_view what, long status, std::string_view body, std::string_view registry);

}  // namespace cmp::transfer
