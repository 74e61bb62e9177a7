#include "formats/json.hpp"

#include <nlohmann/json.hpp>

#include "base/throw.hpp"

namespace earmark::formats {

nlohmann::json parse_json(const std::string& text, const std::string& where) {
    nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
    if (parsed.is_discarded()) base::fail(ErrorCode::corrupt, "{}: holds no valid JSON.", where);
    return parsed;
}

}  // namespace earmark::formats
