#pragma once
// `tag` of `logging.options`: how a container is called in the journal and in syslog. Pure.

#include <string>

#include "base/result.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Whether every {{.FIELD}} of the template is one that there is: ID, FullID, Name, ImageName, ImageID, ImageFullID,
/// Command, DaemonName (Docker's reference, "Customize log driver output"). kInvalid names what is wrong.
[[nodiscard]] Status check_log_tag(const std::string& text);

/// The template filled in; what check_log_tag refuses stays as it is.
[[nodiscard]] std::string expand_log_tag(const std::string& text, const state::ContainerRecord& record);

}  // namespace cmp::engine
