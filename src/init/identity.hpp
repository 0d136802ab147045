#pragma once
// Who a service runs as, from the container's own passwd and group files. Looking up is pure: the files come as text.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "container/launch_spec.hpp"
#include "sys/privilege.hpp"

namespace cmp::init {

struct Identity {
  sys::Ids ids;      ///< the primary group is the first of the supplementary ones (CVE-2022-36109)
  std::string home;  ///< "/" if passwd does not know the user
};

/// Resolves "user[:group]" and group_add. Digits are an id, never a name, at most 2^31 - 1; a name must be in the file.
/// Without a group the user's memberships count, with one they do not. passwd(5), group(5); malformed lines are
/// skipped.
[[nodiscard]] Result<Identity> resolve_identity(const container::Credentials& credentials, std::string_view passwd,
                                                std::string_view group);

/// The same for a root that is not the current one yet: links in it end there.
[[nodiscard]] Result<Identity> look_up_identity_in(int root, const container::Credentials& credentials);

/// The same, reading /etc/passwd and /etc/group of the current root. A missing file is empty; what is not a regular
/// file of at most 10 MiB is an error, and is not waited for. Exact credentials are taken as they are.
[[nodiscard]] Result<Identity> look_up_identity(const container::Credentials& credentials);

}  // namespace cmp::init
