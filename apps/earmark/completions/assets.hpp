#pragma once

#include <string_view>

namespace earmark::commands {

// The files of apps/earmark/completions/assets/, which CMake embeds (cmake/EarmarkEmbed.cmake).
extern const std::string_view completions_bash;
extern const std::string_view completions_fish;
extern const std::string_view completions_zsh;

}  // namespace earmark::commands
