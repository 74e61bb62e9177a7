#pragma once

/// @file
/// The version of these headers (https://semver.org), for C and C++. While the major version is 0, a new minor version
/// may change the API and the ABI.

#define EARMARK_VERSION_MAJOR 0
#define EARMARK_VERSION_MINOR 2
#define EARMARK_VERSION_PATCH 0
