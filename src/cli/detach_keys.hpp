#pragma once
// The keys that leave a terminal without ending what runs on it, by default Ctrl-P Ctrl-Q.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cmp::cli {

class DetachKeys {
 public:
  /// "ctrl-p,ctrl-q": characters, or ctrl- with a letter or one of @ [ \ ] ^ _, with commas between; "" never detaches.
  [[nodiscard]] static Result<DetachKeys> parse(std::string_view keys);

  /// What of `typed` goes on to the program; keys that may become the sequence are held back until the next call.
  [[nodiscard]] std::string filter(std::string_view typed);

  /// True once the whole sequence has been typed; nothing typed after it counts.
  [[nodiscard]] bool detached() const { return detached_; }

 private:
  std::string sequence_;
  std::size_t matched_ = 0;
  bool detached_ = false;
};

}  // namespace cmp::cli
