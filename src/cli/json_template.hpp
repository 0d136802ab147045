#pragma once
// The part of Go's text/template that scripts use on what is JSON here: {{.A.B}} and {{json .A}}. Pure.

#include <string>

#include "base/result.hpp"

namespace cmp::cli {

/// `json` is an object. Texts as they are, numbers and truths as JSON writes them, lists and objects as JSON; what is
/// not there is
/// "<no value>". Errors: kInvalid names the part that is not of this form.
[[nodiscard]] Result<std::string> fill_template(const std::string& text, const std::string& json);

}  // namespace cmp::cli
