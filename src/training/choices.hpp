#pragma once

#include <array>
#include <cstdint>

#include "base/enum_names.hpp"

namespace earmark::training {

/// Which epoch's weights are kept. Without a validation part it is the last one's.
enum class Keep : std::uint8_t {
    loss,      ///< the one with the lowest loss on the validation part
    accuracy,  ///< the one with the highest accuracy on the validation part
    last,      ///< the last one
};

/// The names in options and files.
constexpr auto enum_table(Keep) {
    return std::array{base::EnumName{Keep::loss, "loss"}, base::EnumName{Keep::accuracy, "accuracy"},
                      base::EnumName{Keep::last, "last"}};
}

/// How much a label counts where it holds, when a track may have several.
enum class LabelWeights : std::uint8_t {
    none,      ///< as much as where it does not
    balanced,  ///< as much as all that lack it: (without it) / (with it), 0.01 to 100
};

/// The names in options and files.
constexpr auto enum_table(LabelWeights) {
    return std::array{base::EnumName{LabelWeights::none, "none"}, base::EnumName{LabelWeights::balanced, "balanced"}};
}

/// What a network is trained on.
enum class Device : std::uint8_t { cpu, cuda };

/// The names in options and files, which are libtorch's.
constexpr auto enum_table(Device) {
    return std::array{base::EnumName{Device::cpu, "cpu"}, base::EnumName{Device::cuda, "cuda"}};
}

/// What computes a network and its gradients.
enum class Backend : std::uint8_t {
    onednn,  ///< oneDNN's primitives as one autograd function, through the plans that inference uses too; CPU only
    aten,    ///< libtorch's operators: for CUDA, and what oneDNN's results are held against
};

/// The names in options and files.
constexpr auto enum_table(Backend) {
    return std::array{base::EnumName{Backend::onednn, "onednn"}, base::EnumName{Backend::aten, "aten"}};
}

}  // namespace earmark::training
