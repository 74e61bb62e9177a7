#include "formats/json.hpp"

#include <nlohmann/json.hpp>

#include "base/throw.hpp"

namespace earmark::formats {

namespace {

/// Reads through and keeps nothing, down to the deepest level that is allowed: the parser calls itself for each.
class DepthCheck : public nlohmann::json_sax<nlohmann::json> {
  public:
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool key(string_t&) override { return true; }
    bool start_object(std::size_t) override { return ++depth_ <= deepest_json; }
    bool end_object() override { return --depth_ >= 0; }
    bool start_array(std::size_t) override { return ++depth_ <= deepest_json; }
    bool end_array() override { return --depth_ >= 0; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override { return false; }

  private:
    int depth_ = 0;
};

}  // namespace

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

nlohmann::json parse_cbor(std::span<const std::uint8_t> bytes, const std::string& where) {
    DepthCheck check;
    if (!nlohmann::json::sax_parse(bytes.begin(), bytes.end(), &check, nlohmann::json::input_format_t::cbor)) {
        base::fail(ErrorCode::corrupt, "{}: holds no valid CBOR, or is nested too deep.", where);
    }
    return nlohmann::json::from_cbor(bytes.begin(), bytes.end());
}

}  // namespace earmark::formats
