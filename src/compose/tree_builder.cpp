#include "compose/tree_builder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "compose/scalar.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxScalarBytes = 1U << 20U;
constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kMaxNodes = 500'000;
constexpr std::size_t kMaxErrors = 1000;
constexpr std::size_t kMaxAliasedNodes = 100'000;
constexpr std::size_t kMaxAnchoredNodes = 1'000'000;  ///< an anchor keeps a copy of its value

}  // namespace

void TreeBuilder::begin_document() {
  stack_.clear();
  path_.clear();
  anchors_.clear();
}

bool TreeBuilder::fail(const Origin& origin, std::string message) {
  note(origin, std::move(message));
  ended_ = true;
  return false;
}

void TreeBuilder::note(const Origin& origin, std::string message) {
  errors_.push_back(make_error(Code::kInvalid, std::move(message)).at(origin.pos()));
}

void TreeBuilder::fail_syntax(const Origin& origin, std::string message) {
  std::erase_if(errors_, [&origin](const Error& error) {
    return std::pair(error.where.line, error.where.column) >= std::pair(origin.line, origin.column);
  });
  fail(origin, std::move(message));
}

const Node* TreeBuilder::pending_key() const {
  return !stack_.empty() && stack_.back().key ? &*stack_.back().key : nullptr;
}

Result<std::vector<Node>> TreeBuilder::finish(Problems& problems) && {
  if (ended_) {
    Problems all;
    all.errors = std::move(errors_);
    return std::move(all).combined();
  }
  for (Error& error : errors_) {
    problems.add(std::move(error));
  }
  return std::move(documents_);
}

void TreeBuilder::begin_anchor(AnchorId anchor) {
  if (anchor != 0) {
    anchors_[anchor].name = anchor_name_;
  }
}

bool TreeBuilder::scalar(Node node, AnchorId anchor) {
  if (node.scalar.size() > kMaxScalarBytes) {
    return fail(node.origin,
                fmt::format("a value of {} bytes is too long, the limit is {}", node.scalar.size(), kMaxScalarBytes));
  }
  begin_anchor(anchor);
  return add(std::move(node), anchor);
}

bool TreeBuilder::alias(const Origin& origin, AnchorId anchor) {
  const Anchored& anchored = anchors_[anchor];
  if (!anchored.complete) {
    return fail(origin, fmt::format("alias cycle: '*{0}' is inside '&{0}'", anchored.name));
  }
  if (!charge(anchored.node, origin, stack_.size(), kMaxAliasedNodes)) {
    return false;
  }
  Node copy = anchored.node;
  copy.origin = origin;
  return add(std::move(copy), 0);
}

bool TreeBuilder::open(Node start, AnchorId anchor) {
  if (stack_.size() >= kMaxDepth) {
    return fail(start.origin, fmt::format("nested deeper than {} levels", kMaxDepth));
  }
  begin_anchor(anchor);
  Frame& frame = stack_.emplace_back();
  frame.node = std::move(start);
  frame.anchor = anchor;
  if (frame.node.is_mapping()) {
    frame.entries.emplace(errors_, path_, explain_);
  } else {
    path_.emplace_back("[]");
  }
  return true;
}

bool TreeBuilder::close() {
  Frame frame = std::move(stack_.back());
  stack_.pop_back();
  if (frame.node.is_mapping()) {
    Node mapping = frame.entries->finish();
    mapping.tag = frame.node.tag;
    mapping.origin = std::move(frame.node.origin);
    return add(std::move(mapping), frame.anchor);
  }
  path_.pop_back();
  return add(std::move(frame.node), frame.anchor);
}

/// A finished value goes to the collection that is open, or becomes the document.
bool TreeBuilder::add(Node node, AnchorId anchor) {
  if (++nodes_ > kMaxNodes) {
    return fail(node.origin, fmt::format("more than {} values in one file", kMaxNodes));
  }
  if (errors_.size() > kMaxErrors) {
    return fail(node.origin, "too many errors, what follows is not looked at");
  }
  if (anchor != 0) {
    Anchored& anchored = anchors_[anchor];
    anchored.complete = true;
    anchored.node = node;
    const std::size_t aliased = std::exchange(copied_nodes_, anchored_nodes_);
    const bool within = charge(node, node.origin, stack_.size(), kMaxAnchoredNodes);
    anchored_nodes_ = std::exchange(copied_nodes_, aliased);
    if (!within) {
      return false;
    }
  }
  Frame* frame = stack_.empty() ? nullptr : &stack_.back();
  if (frame != nullptr && frame->node.is_mapping() && !frame->key) {
    path_.push_back(node.scalar);
    frame->key = std::move(node);
    return true;
  }
  if (node.is_scalar() && scalar_type(node) == ScalarType::kNull) {
    node.kind = Node::Kind::kNull;
    node.scalar.clear();
  }
  if (frame == nullptr) {
    documents_.push_back(std::move(node));
  } else if (frame->node.is_sequence()) {
    frame->node.items.push_back(std::move(node));
  } else {
    path_.pop_back();
    frame->entries->add(std::move(*frame->key), std::move(node));
    frame->key.reset();
  }
  return true;
}

/// Counts what is copied, so that a few lines can't become gigabytes or a tree too deep to walk.
bool TreeBuilder::charge(const Node& node, const Origin& origin, std::size_t depth, std::size_t most) {
  constexpr std::size_t kMaxCopiedBytes = 64U << 20U;
  constexpr std::size_t kMaxCopiedDepth = 150;
  copied_nodes_ += 1;
  copied_bytes_ += node.scalar.size();
  if (copied_nodes_ > most || copied_bytes_ > kMaxCopiedBytes || depth > kMaxCopiedDepth) {
    return fail(origin, "the aliases of this file expand to too much");
  }
  for (const Entry& entry : node.entries) {
    copied_bytes_ += entry.key.size();
    if (!charge(entry.value, origin, depth + 1, most)) {
      return false;
    }
  }
  return std::ranges::all_of(node.items, [&](const Node& item) { return charge(item, origin, depth + 1, most); });
}

}  // namespace cmp::compose
