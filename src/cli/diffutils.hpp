#pragma once
// /usr/bin/cmp belongs to diffutils. A call that is a comparison of files and no command of ours is handed to it, so
// that our name in front on PATH breaks no script.

#include <functional>
#include <string>
#include <vector>

namespace cmp::cli {

/// True if the arguments (without the program's name) are diffutils' and not ours. A command of ours wins: `cmp up
/// down` is ours, `cmp -- up down` and `cmp up.txt down.txt` are not. `exists` says whether a word names a file: it
/// decides only about a word that is no command but near one. Otherwise pure.
[[nodiscard]] bool is_comparison(const std::vector<std::string>& arguments,
                                 const std::function<bool(const std::string&)>& exists);

/// Becomes the next `cmp` on PATH that is not this program. Returns only if there is none: then it has said so, and the
/// result is the exit code 127, as a shell's for a program that is not found.
[[nodiscard]] int exec_comparison(char** argv);

}  // namespace cmp::cli
