#pragma once

/// @file
/// All public C++ headers of libearmark. `earmark/earmark.h` is its C interface.

#include "earmark/audio.hpp"
#include "earmark/classifier.hpp"
#include "earmark/classifier_group.hpp"
#include "earmark/error.hpp"
#include "earmark/export.h"
#include "earmark/features.hpp"
#include "earmark/model.hpp"
#include "earmark/segments.hpp"
#include "earmark/sink.hpp"
#include "earmark/tensor.hpp"
#include "earmark/version.hpp"
