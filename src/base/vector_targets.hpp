#pragma once

/// @file
/// The instruction sets that Highway compiles our loops for. To be included before hwy/foreach_target.h by every file
/// that has itself compiled once for each of them. Left out are sets that add nothing here (AVX3_DL) and those whose
/// vectors have no length known to the compiler.

#define HWY_DISABLED_TARGETS (HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
