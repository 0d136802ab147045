#pragma once
// Short syntaxes to long ones (compose-spec.md section 3), one function a form. Each takes the value of an attribute
// and leaves it in its long form; what is neither stays for the schema check to name.

#include "compose/forms.hpp"
#include "compose/node.hpp"
#include "compose/phases.hpp"
#include "compose/place.hpp"

namespace cmp::compose {

/// Brings `node`, the value of an attribute of form `form`, into its long form. Elements are converted too, scalars
/// inside long forms are not.
void expand(Node& node, Form form, const Place& place, Problems& problems, Scalars scalars);

// The ones with a grammar of their own.
void expand_ports(Node& list, const Place& place, Problems& problems, Scalars scalars);
void expand_mounts(Node& list, const Place& place, Problems& problems, Scalars scalars);
void expand_devices(Node& list, const Place& place, Problems& problems);
void expand_hosts(Node& node, const Place& place, Problems& problems);

/// True if the text still has a `${...}` or `$NAME` that nothing will replace, because `scalars` are templates.
[[nodiscard]] bool is_template(const Node& node, Scalars scalars);

/// An empty mapping or list at the place of `like`.
[[nodiscard]] Node empty_mapping(const Origin& origin);
[[nodiscard]] Node empty_list(const Origin& origin);
/// The same node, said to be a default.
[[nodiscard]] Node made_by_default(Node node);
/// Appends without looking whether the key is there.
void append_entry(Node& mapping, std::string key, Node value);

}  // namespace cmp::compose
