#include <array>
#include <string>

#include "base/throw.hpp"
#include "earmark/model.hpp"

namespace earmark {

namespace {

constexpr std::array<std::string_view, 7> group_names{"genre",  "mood",  "instrument", "voice",
                                                      "decade", "other", "not music"};

}  // namespace

std::string_view to_string(Activation activation) noexcept {
    return activation == Activation::softmax ? "softmax" : "sigmoid";
}

std::string_view to_string(LabelGroup group) noexcept {
    const auto index = static_cast<std::size_t>(group);
    return index < group_names.size() ? group_names[index] : "unknown";
}

LabelGroup label_group(std::string_view name) {
    std::string names;
    for (std::size_t i = 0; i < group_names.size(); ++i) {
        if (group_names[i] == name) return static_cast<LabelGroup>(i);
        if (!names.empty()) names += ", ";
        names += group_names[i];
    }
    base::fail(ErrorCode::bad_option, "There is no group of labels named \"{}\". Choose one of {}.", name, names);
}

}  // namespace earmark
