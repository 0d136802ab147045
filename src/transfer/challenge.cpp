#include "transfer/challenge.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace cmp::transfer {

namespace {

bool starts_with_word(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) {
    return false;
  }
  return std::ranges::equal(text.substr(0, word.size()), word, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == ',' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  return text;
}

/// Takes `key="value"` or `key=value` off the front; false if there is none.
bool take_parameter(std::string_view& rest, std::string& key, std::string& value) {
  const std::string_view text = without_blanks(rest);
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || text.substr(0, equals).find(' ') != std::string_view::npos) {
    return false;
  }
  key = text.substr(0, equals);
  value.clear();
  std::size_t at = equals + 1;
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      at += text[at] == '\\' && at + 1 < text.size() ? 1U : 0U;
      value += text[at];
    }
    at = std::min(at + 1, text.size());
  } else {
    const auto end = std::min(text.find_first_of(", ", at), text.size());
    value = text.substr(at, end - at);
    at = end;
  }
  rest = text.substr(at);
  return true;
}

void read_parameters(std::string_view& rest, Challenge& challenge) {
  std::string key;
  std::string value;
  while (take_parameter(rest, key, value)) {
    if (key == "realm") {
      challenge.realm = value;
    } else if (key == "service") {
      challenge.service = value;
    } else if (key == "scope") {
      challenge.scope = value;
    }
  }
}

std::string_view hint(long status) {
  switch (status) {
    case 401:
      return "it wants a login, or does not take the one it got (see 'docker login' or ~/.docker/config.json)";
    case 403:
      return "this login may not do that";
    case 404:
      return "it has no such image";
    case 429:
      return "too many requests: its rate limit is reached, try again later or log in";
    default:
      return status >= 500 ? "it is in trouble, try again later" : "";
  }
}

}  // namespace

Challenge parse_challenge(std::string_view header) {
  Challenge best;
  std::string_view rest = without_blanks(header);
  while (!rest.empty()) {
    Challenge challenge;
    const auto space = std::min(rest.find(' '), rest.size());
    challenge.scheme = starts_with_word(rest, "bearer ") ? Scheme::kBearer
                       : starts_with_word(rest, "basic") ? Scheme::kBasic
                                                         : Scheme::kNone;
    rest = rest.substr(space);
    read_parameters(rest, challenge);
    if (challenge.scheme == Scheme::kBearer || (challenge.scheme == Scheme::kBasic && best.scheme == Scheme::kNone)) {
      best = challenge;
    }
    rest = without_blanks(rest);
  }
  return best;
}

std::string error_in(std::string_view body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  const auto errors = json.is_object() ? json.find("errors") : json.end();
  if (!json.is_object() || errors == json.end() || !errors->is_array() || errors->empty() ||
      !errors->front().is_object()) {
    return "";
  }
  const auto text = [&](const char* key) {
    const auto it = errors->front().find(key);
    return it != errors->front().end() && it->is_string() ? it->get<std::string>() : std::string();
  };
  const std::string code = text("code");
  const std::string message = text("message");
  std::string out = code.empty() || message.empty() ? code + message : fmt::format("{}: {}", code, message);
  // It ends up on a terminal.
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
  return out.substr(0, 300);
}

Error refusal(std::string_view what, long status, std::string_view body, std::string_view registry) {
  const std::string told = error_in(body);
  const std::string_view help = hint(status);
  const Code code = status == 404                    ? Code::kNotFound
                    : status == 401 || status == 403 ? Code::kPermission
                                                     : Code::kSystem;
  return make_error(code, fmt::format("{}: {} answered {}{}{}{}{}", what, registry, status, told.empty() ? "" : " (",
                                      told, told.empty() ? "" : ")", help.empty() ? "" : fmt::format(": {}", help)));
}

}  // namespace cmp::transfer
