#pragma once

/// @file
/// All public headers of libearmark.

#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"
#include "earmark/error.hpp"
#include "earmark/features.hpp"
#include "earmark/model.hpp"
#include "earmark/segments.hpp"
#include "earmark/tensor.hpp"
#include "earmark/version.hpp"
