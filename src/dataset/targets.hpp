#pragma once

#include <array>
#include <cstdint>

#include "base/enum_names.hpp"

namespace earmark::dataset {

/// What a network learns to predict.
enum class Targets : std::uint8_t {
    genres,
    tracks,  ///< each track is a class of its own (labelled_by_track)
};

/// The names of the targets in options and files.
constexpr auto enum_table(Targets) {
    return std::array{base::EnumName{Targets::genres, "genres"}, base::EnumName{Targets::tracks, "tracks"}};
}

}  // namespace earmark::dataset
