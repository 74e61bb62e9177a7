#include "formats/safetensors.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "base/throw.hpp"
#include "files/atomic_file.hpp"
#include "formats/json.hpp"
#include "formats/tensor_type.hpp"

namespace earmark::formats {

namespace fs = std::filesystem;
using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian, and so is this code");

namespace {

constexpr std::uint64_t largest_header = 100'000'000;         // the format's own
constexpr std::uint64_t data_limit = std::uint64_t{1} << 31;  // of a tensor in memory, that is as F32
constexpr const char* scale_suffix = ".scale8";

struct Place {
    std::string name;
    TensorType type = TensorType::f32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

[[noreturn]] void corrupt(const fs::path& path, const std::string& what) {
    base::fail(ErrorCode::corrupt, "{}: not a sound model file: {}. Fetch or make it again.", path.string(), what);
}

Place place_of(const fs::path& path, const std::string& name, const json& entry) {
    Place place;
    place.name = name;
    try {
        const std::optional<TensorType> type = tensor_type(entry.at("dtype").get<std::string>());
        if (!type) {
            base::fail(ErrorCode::unsupported, "{}: tensor \"{}\" is of type {}; only F32, F16 and I8 are understood.",
                       path.string(), name, entry.at("dtype").dump());
        }
        place.type = *type;
        std::uint64_t bytes = sizeof(float);
        for (const json& size : entry.at("shape")) {
            if (!size.is_number_unsigned()) corrupt(path, fmt::format("the shape of tensor \"{}\"", name));
            const auto value = size.get<std::uint64_t>();
            if (value > data_limit || bytes * value > data_limit) {
                corrupt(path, fmt::format("tensor \"{}\" is too large", name));
            }
            bytes *= value;
            place.shape.push_back(static_cast<std::int64_t>(value));
        }
        const json& offsets = entry.at("data_offsets");
        if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
            !offsets[1].is_number_unsigned()) {
            corrupt(path, fmt::format("the place of tensor \"{}\"", name));
        }
        place.begin = offsets[0].get<std::uint64_t>();
        place.end = offsets[1].get<std::uint64_t>();
        if (place.begin > place.end || place.end - place.begin != bytes / sizeof(float) * bytes_of(place.type)) {
            corrupt(path, fmt::format("the shape of tensor \"{}\" does not fit its place", name));
        }
    } catch (const json::exception&) {
        corrupt(path, fmt::format("the entry of tensor \"{}\"", name));
    }
    return place;
}

/// Every I8 tensor needs its scales. @return the places of the scales, by the name of the tensor that they scale
std::map<std::string, std::string> check_scales(const fs::path& path, const std::vector<Place>& places) {
    std::map<std::string, const Place*> by_name;
    for (const Place& place : places) by_name[place.name] = &place;
    std::map<std::string, std::string> scales;
    for (const Place& place : places) {
        if (place.type != TensorType::i8) continue;
        const auto found = by_name.find(place.name + scale_suffix);
        if (place.shape.empty() || found == by_name.end() || found->second->type != TensorType::f32 ||
            found->second->shape != std::vector{place.shape[0]}) {
            corrupt(path, fmt::format("tensor \"{}\" of type I8 has no scale of type F32 for each channel, \"{}{}\"",
                                      place.name, place.name, scale_suffix));
        }
        scales[place.name] = found->first;
    }
    return scales;
}

/// Multiplies each channel, an index of the first axis, by its scale.
void apply_scales(const fs::path& path, const std::string& name, Tensor& tensor, const Tensor& scales) {
    const std::size_t channel_size = scales.values.empty() ? 0 : tensor.values.size() / scales.values.size();
    for (std::size_t channel = 0; channel < scales.values.size(); ++channel) {
        const float scale = scales.values[channel];
        // 128 times the scale must be finite, too.
        if (!(scale > 0.0F && std::isfinite(scale * 128.0F))) {
            corrupt(path, fmt::format("tensor \"{}\" has the scale {}", name, scale));
        }
        for (std::size_t i = 0; i < channel_size; ++i) tensor.values[channel * channel_size + i] *= scale;
    }
}

}  // namespace

SafeTensors read_safetensors(const fs::path& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) files::fail_to_open(path, errno);
    struct stat status {};
    if (::fstat(::fileno(file.get()), &status) != 0) files::fail_to_open(path, errno);
    if (!S_ISREG(status.st_mode)) files::fail_to_open(path, EISDIR);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto read = [&](void* data, std::size_t bytes) {
        if (std::fread(data, 1, bytes, file.get()) != bytes) corrupt(path, "it ends early");
    };

    std::uint64_t header_size = 0;
    if (size < sizeof header_size) corrupt(path, "it is shorter than its header");
    read(&header_size, sizeof header_size);
    if (header_size > largest_header) corrupt(path, fmt::format("its header claims {} bytes", header_size));
    if (header_size > size - sizeof header_size) corrupt(path, "it is cut short within its header");
    std::string text(header_size, '\0');
    read(text.data(), text.size());
    const json header = parse_json(text, path.string());
    if (!header.is_object()) corrupt(path, "its header is not a JSON object");

    SafeTensors contents;
    std::vector<Place> places;
    for (const auto& [name, entry] : header.items()) {
        if (name != "__metadata__") {
            places.push_back(place_of(path, name, entry));
            continue;
        }
        if (!entry.is_object()) corrupt(path, "its metadata are not a JSON object");
        for (const auto& [key, value] : entry.items()) {
            if (!value.is_string()) corrupt(path, fmt::format("its metadata \"{}\" are not text", key));
            contents.metadata[key] = value.get<std::string>();
        }
    }

    // Sorted by place, each tensor must begin where the one before it ended, and the last must end with the file.
    std::ranges::sort(
        places, [](const Place& a, const Place& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    const std::uint64_t data_size = size - sizeof header_size - header_size;
    std::uint64_t expected = 0;
    for (const Place& place : places) {
        if (place.begin < expected) corrupt(path, fmt::format("tensor \"{}\" overlaps another", place.name));
        if (place.begin > expected) corrupt(path, fmt::format("there is a gap before tensor \"{}\"", place.name));
        if (place.end > data_size)
            corrupt(path, fmt::format("tensor \"{}\" reaches beyond the file's end", place.name));
        expected = place.end;
    }
    if (expected != data_size) corrupt(path, "there are bytes that belong to no tensor");
    const std::map<std::string, std::string> scales = check_scales(path, places);
    std::vector<std::byte> bytes;
    for (const Place& place : places) {
        bytes.resize(place.end - place.begin);
        read(bytes.data(), bytes.size());
        contents.tensors[place.name] = {place.shape, to_floats(place.type, bytes)};
    }
    for (const auto& [name, scale_name] : scales) {
        apply_scales(path, name, contents.tensors.at(name), contents.tensors.at(scale_name));
    }
    for (const auto& [name, scale_name] : scales) contents.tensors.erase(scale_name);
    return contents;
}

void write_safetensors(const SafeTensors& contents, const fs::path& path) {
    json header = json::object();
    header["__metadata__"] = contents.metadata;
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : contents.tensors) {
        const std::uint64_t bytes = tensor.values.size() * sizeof(float);
        header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    // The format asks for data aligned to eight bytes; spaces pad the header.
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const auto header_size = static_cast<std::uint64_t>(text.size());
    files::AtomicFile file(path);
    file.write(&header_size, sizeof header_size);
    file.write(text);
    for (const auto& [name, tensor] : contents.tensors) {
        file.write(tensor.values.data(), tensor.values.size() * sizeof(float));
    }
    file.commit();
}

}  // namespace earmark::formats
