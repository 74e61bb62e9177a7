#pragma once

/// @file
/// EARMARK_API marks what libearmark exports; all else in a shared library stays hidden. For C and C++.
///
/// A program that links a static libearmark on Windows defines EARMARK_STATIC; the CMake package and pkg-config do.

#if defined(_WIN32) && !defined(EARMARK_STATIC)
#ifdef EARMARK_BUILDING
#define EARMARK_API __declspec(dllexport)
#else
#define EARMARK_API __declspec(dllimport)
#endif
#elif defined(__GNUC__) && !defined(EARMARK_STATIC)
#define EARMARK_API __attribute__((visibility("default")))
#else
#define EARMARK_API
#endif

/* What a class of the API keeps for Earmark's own programs. */
#if defined(__GNUC__) && !defined(EARMARK_STATIC)
#define EARMARK_HIDDEN __attribute__((visibility("hidden")))
#else
#define EARMARK_HIDDEN
#endif
