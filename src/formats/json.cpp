#include "formats/json.hpp"

#include <nlohmann/json.hpp>

#include "base/throw.hpp"

namespace earmark::formats {

nlohmann::json parse_json(const std::string& text, const std::string& where) {
    bool too_deep = false;
    const auto keep = [&](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
        too_deep = too_deep || depth > deepest_json;
        return !too_deep;
    };
    nlohmann::json parsed = nlohmann::json::parse(text, keep, false);
    if (too_deep) {
        base::fail(ErrorCode::corrupt, "{}: holds JSON that is more than {} lists and objects deep.", where,
                   deepest_json);
    }
    if (parsed.is_discarded()) base::fail(ErrorCode::corrupt, "{}: holds no valid JSON.", where);
    return parsed;
}

}  // namespace earmark::formats
