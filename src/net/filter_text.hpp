#pragma once
// A table of the packet filter as nft(8) writes it: for people, graphs and tests.

#include <string>

#include "net/filter_rules.hpp"

namespace cmp::net::filter {

[[nodiscard]] std::string text_of(const Table& table);
[[nodiscard]] std::string text_of(const Rule& rule, Family family);
/// "10.89.0.2", "fd00::2"; "?" for bytes that are no address.
[[nodiscard]] std::string address_text(const AddressBytes& address);
/// The bytes of "10.89.0.2" or "fd00::2"; "" when the text is no address.
[[nodiscard]] AddressBytes address_bytes(const std::string& text);

}  // namespace cmp::net::filter
