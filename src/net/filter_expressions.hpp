#pragma once
// What one condition or deed of a rule is in nf_tables: one to five expressions of the kernel's little machine. For
// filter_encode.cpp only.

#include "net/filter_rules.hpp"
#include "net/netlink_writer.hpp"

namespace cmp::net::filter {

void write_expression(NetlinkWriter& out, const Expression& expression, Family family);

}  // namespace cmp::net::filter
