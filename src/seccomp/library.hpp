#pragma once
// Compiled filters, kept: compiling takes milliseconds, and all services with the same profile and capabilities share
// one result, for ever.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.hpp"
#include "seccomp/filter.hpp"
#include "seccomp/rules.hpp"

namespace cmp::seccomp {

/// A filter and the name under which it can be had again.
struct Kept {
  std::string key;  ///< 64 hex digits; "" is no filter
  Filter filter;
};

class Library {
 public:
  /// Filters are kept as files in `directory`, which is made when first needed. Whoever may write there decides what
  /// containers may do; a file that is damaged is not used.
  explicit Library(std::string directory);

  /// The filter of a profile for a bounding set ("CAP_SYS_ADMIN", …). Compiled unless this machine has done it before
  /// with the same libseccomp.
  [[nodiscard]] Result<Kept> get(std::string_view profile, Entries entries,
                                 const std::vector<std::string>& capabilities);

  /// The filter that had this key. kNotFound: it is not kept any more.
  [[nodiscard]] Result<Filter> find(const std::string& key);

 private:
  [[nodiscard]] std::string file_of(const std::string& key) const;
  void keep(const std::string& key, const Filter& filter) const;

  using Wanted = std::tuple<std::string, Entries, std::vector<std::string>>;

  std::string directory_;
  std::map<Wanted, std::string> keys_;  ///< what has been asked for before, and its key
  std::map<std::string, Filter> known_;
};

/// What is in the file of a filter, and back. kInvalid: it is damaged, or of another version.
[[nodiscard]] std::string encode(const Filter& filter);
[[nodiscard]] Result<Filter> decode(std::string_view text);

}  // namespace cmp::seccomp
