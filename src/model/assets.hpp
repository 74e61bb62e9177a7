#pragma once

#include <string_view>

namespace earmark::model {

// The files of src/model/assets/, which CMake embeds (cmake/EarmarkEmbed.cmake).
extern const std::string_view sure_thresholds_json;  ///< measured for the shipped models, by the hash of the file

}  // namespace earmark::model
