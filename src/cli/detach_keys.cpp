#include "cli/detach_keys.hpp"

#include <utility>

#include <fmt/core.h>

namespace cmp::cli {

namespace {

constexpr std::string_view kControl = "ctrl-";

/// The byte that a terminal sends for one key.
Result<char> byte_of(std::string_view key) {
  if (key.size() == 1) {
    return key.front();
  }
  if (key.size() == kControl.size() + 1 && key.starts_with(kControl)) {
    const char letter = key.back();
    if (letter >= 'a' && letter <= 'z') {
      return static_cast<char>(letter - 'a' + 1);
    }
    // The six characters around the capital letters (ASCII 0x40 and 0x5b to 0x5f) give the rest of the control codes.
    if (letter == '@' || (letter >= '[' && letter <= '_')) {
      return static_cast<char>(letter - '@');
    }
  }
  return make_error(Code::kInvalid, fmt::format("--detach-keys: '{}' is no key, write a character or ctrl-x", key));
}

}  // namespace

Result<DetachKeys> DetachKeys::parse(std::string_view keys) {
  DetachKeys out;
  if (keys.empty()) {
    return out;
  }
  for (;;) {
    const std::size_t comma = keys.find(',');
    CMP_TRY(const char byte, byte_of(keys.substr(0, comma)));
    out.sequence_ += byte;
    if (comma == std::string_view::npos) {
      return out;
    }
    keys.remove_prefix(comma + 1);
  }
}

std::string DetachKeys::filter(std::string_view typed) {
  std::string out;
  for (const char key : typed) {
    if (detached_) {
      break;
    }
    if (matched_ < sequence_.size() && key == sequence_[matched_]) {
      detached_ = ++matched_ == sequence_.size();
      continue;
    }
    // What was held back was no beginning of the sequence after all; this key may begin one.
    out.append(sequence_, 0, std::exchange(matched_, 0));
    if (!sequence_.empty() && key == sequence_.front()) {
      matched_ = 1;
    } else {
      out += key;
    }
  }
  return out;
}

}  // namespace cmp::cli
