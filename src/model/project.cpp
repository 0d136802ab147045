#include "model/project.hpp"

#include <fmt/core.h>

namespace cmp::model {

std::string container_name(const Project& project, const Service& service, int number) {
  return service.container_name.empty()
             ? fmt::format("{0}{3}{1}{3}{2}", project.name, service.name, number, project.separator)
             : service.container_name;
}

}  // namespace cmp::model
