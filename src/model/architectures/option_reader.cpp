#include "model/architectures/option_reader.hpp"

#include "base/throw.hpp"

namespace earmark::model {

using nlohmann::json;

namespace {

constexpr int largest_pool = 64;
constexpr std::size_t most_widths = 64;

bool is_whole(const json& value, std::int64_t lowest, std::int64_t highest) {
    return value.is_number_integer() && value >= lowest && value <= highest;
}

std::string whole_number(std::int64_t lowest, std::int64_t highest) {
    return fmt::format("a whole number from {} to {}", lowest, highest);
}

json as_pair(PoolSize size) {
    return {size.frames, size.coefficients};
}

/// A pair where one size stands for all, else a list of pairs.
json to_json(const std::vector<PoolSize>& sizes) {
    if (sizes.size() == 1) return as_pair(sizes.front());
    json list = json::array();
    for (const PoolSize size : sizes) list.push_back(as_pair(size));
    return list;
}

bool is_pair(const json& value) {
    return value.is_array() && value.size() == 2 && is_whole(value[0], 1, largest_pool) &&
           is_whole(value[1], 1, largest_pool);
}

}  // namespace

void OptionReader::width(const char* key, std::int64_t& value, std::int64_t lowest, std::int64_t highest) {
    const json& found = take(key, value);
    if (!is_whole(found, lowest, highest)) return refuse(key, whole_number(lowest, highest));
    value = found.get<std::int64_t>();
}

void OptionReader::widths(const char* key, std::vector<std::int64_t>& values) {
    const json& found = take(key, values);
    if (!found.is_array() || found.empty() || found.size() > most_widths) {
        return refuse(key, fmt::format("a list of 1 to {} widths", most_widths));
    }
    read_list(key, found, values);
}

void OptionReader::widths_or_none(const char* key, std::vector<std::int64_t>& values) {
    const json& found = take(key, values);
    if (!found.is_array() || found.size() > most_widths) {
        return refuse(key, fmt::format("a list of 0 to {} widths", most_widths));
    }
    read_list(key, found, values);
}

void OptionReader::widths(const char* key, std::vector<std::int64_t>& values, std::size_t count) {
    const json& found = take(key, values);
    if (!found.is_array() || found.size() != count) return refuse(key, fmt::format("a list of {} widths", count));
    read_list(key, found, values);
}

void OptionReader::read_list(const char* key, const json& list, std::vector<std::int64_t>& values) {
    for (const json& item : list) {
        if (!is_whole(item, 1, largest_width)) return refuse(key, whole_number(1, largest_width));
    }
    values = list.get<std::vector<std::int64_t>>();
}

void OptionReader::pools(const char* key, std::vector<PoolSize>& sizes, std::size_t count) {
    const json& found = take(key, to_json(sizes));
    const auto wrong = [&] {
        refuse(key, fmt::format("a pair of whole numbers from 1 to {}, or a list of {} such pairs, one a block",
                                largest_pool, count));
    };
    if (!found.is_array() || found.empty()) return wrong();
    const json pairs = found[0].is_array() ? found : json(count, found);
    if (pairs.size() != count) return wrong();
    for (const json& pair : pairs) {
        if (!is_pair(pair)) return wrong();
    }
    sizes.clear();
    for (const json& pair : pairs) sizes.push_back({pair[0].get<int>(), pair[1].get<int>()});
}

void OptionReader::flag(const char* key, bool& value) {
    const json& found = take(key, value);
    if (!found.is_boolean()) return refuse(key, "true or false");
    value = found.get<bool>();
}

void OptionReader::number(const char* key, double& value, double lowest, double below) {
    const json& found = take(key, value);
    if (!found.is_number() || !(found >= lowest) || !(found < below)) {
        return refuse(key, fmt::format("a number of at least {} and below {}", lowest, below));
    }
    value = found.get<double>();
}

json OptionReader::finish() {
    for (const auto& [key, value] : given_.items()) {
        if (!all_.contains(key)) {
            base::fail(ErrorCode::unsupported, "{}: the {} network has no option \"{}\".", where_, network_, key);
        }
    }
    if (!first_error_.empty()) base::fail(ErrorCode::bad_option, "{}", first_error_);
    return std::move(all_);
}

const json& OptionReader::take(const char* key, json default_value) {
    const auto given = given_.find(key);
    return all_[key] = given != given_.end() ? *given : std::move(default_value);
}

void OptionReader::refuse(const char* key, const std::string& wanted) {
    if (!first_error_.empty()) return;
    first_error_ = fmt::format("{}: option \"{}\" of the {} network must be {}.", where_, key, network_, wanted);
}

}  // namespace earmark::model
