#pragma once
// As much of a Dockerfile as has to be known before it is built. Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cmp::cli {

/// The images of its FROM and COPY --from lines, stages and `scratch` aside, sorted, each once. Variables get their
/// values from `args` and from ARG lines; a name that remains unknown is left out.
[[nodiscard]] std::vector<std::string> base_images(std::string_view dockerfile,
                                                   const std::map<std::string, std::string>& args);

}  // namespace cmp::cli
