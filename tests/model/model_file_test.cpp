#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "earmark/error.hpp"
#include "earmark/model.hpp"
#include "files/atomic_file.hpp"
#include "formats/safetensors.hpp"
#include "support/random_model.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::model {
namespace {

using nlohmann::json;
using testing::random_model;
using testing::TemporaryFolder;

/// Loads `path`, expecting an error of `code` whose message names the file and holds `text`.
void expect_refused(const std::filesystem::path& path, ErrorCode code, const std::string& text) {
    try {
        load_model(path);
        FAIL() << "loaded, though " << text;
    } catch (const Error& error) {
        EXPECT_EQ(to_string(error.code()), to_string(code)) << error.what();
        EXPECT_NE(std::string(error.what()).find(path.filename().string()), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    }
}

class ModelFile : public ::testing::Test {
  protected:
    void SetUp() override {
        path = folder.path() / "model.safetensors";
        save_model(testing::random_model("cnn"), path);
    }

    std::string bytes() const { return files::read_file(path); }
    void overwrite(const std::string& text) const { std::ofstream(path, std::ios::binary) << text; }

    /// Changes the header's JSON, leaving the tensors' bytes as they are.
    void edit_header(const std::function<void(json&)>& edit) const {
        const std::string before = bytes();
        std::uint64_t size = 0;
        std::memcpy(&size, before.data(), sizeof size);
        json header = json::parse(before.substr(8, size));
        edit(header);
        const std::string text = header.dump();
        size = text.size();
        overwrite(std::string(reinterpret_cast<const char*>(&size), sizeof size) + text +
                  before.substr(8 + before_size(before)));
    }

    static std::uint64_t before_size(const std::string& file) {
        std::uint64_t size = 0;
        std::memcpy(&size, file.data(), sizeof size);
        return size;
    }

    testing::TemporaryFolder folder;
    std::filesystem::path path;
};

TEST_F(ModelFile, ComesBackAsItWasWritten) {
    Model model = testing::random_model("lstm", R"({"units": 8, "dense": 4, "dropout": 0.1})", 259);
    model.provenance = R"({"training":{"seed":7}})";
    model.features.padding = Padding::reflect;
    model.features.top_db.reset();
    save_model(model, path);
    const Model loaded = load_model(path);
    EXPECT_EQ(loaded.name, model.name);
    EXPECT_EQ(loaded.licence, model.licence);
    EXPECT_EQ(loaded.network.name, "lstm");
    EXPECT_EQ(json::parse(loaded.network.options), json::parse(model.network.options));
    EXPECT_EQ(loaded.features, model.features);
    EXPECT_EQ(loaded.segments, model.segments);
    EXPECT_EQ(loaded.labels, model.labels);
    EXPECT_EQ(loaded.provenance, model.provenance);
    ASSERT_EQ(loaded.tensors.size(), model.tensors.size());
    for (const auto& [name, tensor] : model.tensors) {
        EXPECT_EQ(loaded.tensors.at(name).shape, tensor.shape) << name;
        EXPECT_EQ(loaded.tensors.at(name).values, tensor.values) << name;
    }
}

TEST_F(ModelFile, CarriesItsCalibration) {
    Model model = testing::random_model("cnn");
    EXPECT_EQ(load_model(path).calibration, Calibration{});
    EXPECT_EQ(bytes().find("calibration"), std::string::npos);
    model.calibration = {.temperature = 1.0 / 3.0, .threshold = 0.1, .fit = R"({"part":"valid","tracks":30})"};
    save_model(model, path);
    EXPECT_EQ(load_model(path).calibration, model.calibration);
    model.calibration.threshold.reset();
    save_model(model, path);
    EXPECT_EQ(load_model(path).calibration, model.calibration);
}

TEST_F(ModelFile, RefusesOddCalibrations) {
    const auto expect = [&](const std::string& calibration, ErrorCode code, const std::string& text) {
        SetUp();
        edit_header([&](json& header) { header["__metadata__"]["calibration"] = calibration; });
        expect_refused(path, code, text);
    };
    expect(R"({"temperature": 0})", ErrorCode::corrupt, "temperature 0");
    expect(R"({"temperature": -1.5})", ErrorCode::corrupt, "temperature -1.5");
    expect(R"({"temperature": "hot"})", ErrorCode::corrupt, "wrong type");
    expect(R"({"temperature": 1e999})", ErrorCode::corrupt, "");
    expect(R"({"threshold": 1.5})", ErrorCode::corrupt, "threshold 1.5");
    expect(R"({"threshold": -0.5})", ErrorCode::corrupt, "threshold -0.5");
    expect(R"({"fit": [1]})", ErrorCode::corrupt, "fitted on");
    expect(R"({"temper": 2})", ErrorCode::unsupported, "temper");
    expect("[1, 2]", ErrorCode::corrupt, "not a JSON object");
    expect("{", ErrorCode::corrupt, "no valid JSON");
    Model model = testing::random_model("cnn");
    model.calibration.temperature = std::numeric_limits<double>::quiet_NaN();
    EXPECT_THROW(save_model(model, path), Error);
}

TEST_F(ModelFile, CarriesItsMusicRule) {
    Model model = testing::random_model("cnn");
    EXPECT_EQ(load_model(path).music_rule, std::nullopt);
    model.music_rule = MusicRule{
        .groups = {{"music", true, -2.5, {0, 3}}, {"speech", false, 0.25, {1}}}, .bias = -1.0 / 3.0, .floor = 1e-3};
    save_model(model, path);
    EXPECT_EQ(load_model(path).music_rule, model.music_rule);
}

TEST_F(ModelFile, RefusesOddMusicRules) {
    const json sound = {{"bias", 0.5},
                        {"floor", 0.001},
                        {"groups",
                         {{{"name", "music"}, {"music", true}, {"weight", -1}, {"labels", {"genre0"}}},
                          {{"name", "speech"}, {"music", false}, {"weight", 1}, {"labels", {"genre1", "genre2"}}}}}};
    const auto expect = [&](const std::function<void(json&)>& spoil, const std::string& text) {
        SetUp();
        json rule = sound;
        spoil(rule);
        edit_header([&](json& header) { header["__metadata__"]["music_rule"] = rule.dump(); });
        if (text.empty()) {
            EXPECT_TRUE(load_model(path).music_rule.has_value());
        } else {
            expect_refused(path, ErrorCode::corrupt, text);
        }
    };
    expect([](json&) {}, "");
    expect([](json& rule) { rule.erase("bias"); }, "music rule");
    expect([](json& rule) { rule["floor"] = 0; }, "floor");
    expect([](json& rule) { rule["floor"] = 2; }, "floor");
    expect([](json& rule) { rule["groups"][0]["labels"] = {"yodel"}; }, "yodel");
    expect([](json& rule) { rule["groups"][0]["labels"] = json::array(); }, "without labels");
    expect([](json& rule) { rule["groups"][0]["labels"] = {7}; }, "music rule");
    expect([](json& rule) { rule["groups"][0]["name"] = ""; }, "without a name");
    expect([](json& rule) { rule["groups"].erase(0); }, "group of music");
    expect([](json& rule) { rule["groups"].erase(1); }, "what is none");
    expect([](json& rule) { rule = {1, 2}; }, "music rule");
}

TEST_F(ModelFile, KeepsFrameStepToTheLastBit) {
    const Model model = testing::random_model("cnn");
    EXPECT_EQ(load_model(path).segments.frame_step, model.segments.frame_step);
}

TEST_F(ModelFile, RefusesMissingFile) {
    expect_refused(folder.path() / "none.safetensors", ErrorCode::not_found, "no such file");
}

TEST_F(ModelFile, RefusesFolder) {
    std::filesystem::create_directory(folder.path() / "folder");
    expect_refused(folder.path() / "folder", ErrorCode::unreadable, "folder");
}

TEST_F(ModelFile, RefusesEveryCut) {
    const std::string whole = bytes();
    for (std::size_t size :
         {std::size_t{0}, std::size_t{5}, std::size_t{8}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
        overwrite(whole.substr(0, size));
        try {
            load_model(path);
            FAIL() << "loaded from " << size << " bytes";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.what();
        }
    }
}

TEST_F(ModelFile, RefusesHeaderOfTwoGigabytes) {
    const std::uint64_t size = std::uint64_t{1} << 31;
    overwrite(std::string(reinterpret_cast<const char*>(&size), sizeof size) + "{}");
    std::filesystem::resize_file(path, size + 8);  // sparse: as long as it claims, and no byte of it on the disk
    expect_refused(path, ErrorCode::corrupt, "2147483648");
}

TEST_F(ModelFile, RefusesHeaderLongerThanFile) {
    const std::uint64_t size = 1000;
    overwrite(std::string(reinterpret_cast<const char*>(&size), sizeof size) + "{}");
    expect_refused(path, ErrorCode::corrupt, "cut short");
}

TEST_F(ModelFile, RefusesOverlappingTensors) {
    edit_header(
        [](json& header) { header["dense1.bias"]["data_offsets"] = header["convolution1.bias"]["data_offsets"]; });
    expect_refused(path, ErrorCode::corrupt, "does not fit its place");
    SetUp();
    edit_header([](json& header) {
        // Same size, the other's place.
        header["convolution2.bias"]["data_offsets"] = header["convolution1.bias"]["data_offsets"];
    });
    expect_refused(path, ErrorCode::corrupt, "overlaps");
}

TEST_F(ModelFile, RefusesTensorsOutOfRange) {
    edit_header([](json& header) {
        for (auto& [name, entry] : header.items()) {
            if (name == "__metadata__") continue;
            for (json& offset : entry["data_offsets"]) offset = offset.get<std::uint64_t>() + (std::uint64_t{1} << 40);
        }
    });
    expect_refused(path, ErrorCode::corrupt, "gap");
    SetUp();
    overwrite(bytes().substr(0, bytes().size() - 4));
    expect_refused(path, ErrorCode::corrupt, "beyond the file's end");
    SetUp();
    overwrite(bytes() + "more");
    expect_refused(path, ErrorCode::corrupt, "belong to no tensor");
}

TEST_F(ModelFile, RefusesShapesThatOverflow) {
    edit_header([](json& header) { header["dense1.bias"]["shape"] = {std::uint64_t{1} << 62, 4}; });
    expect_refused(path, ErrorCode::corrupt, "too large");
    SetUp();
    edit_header([](json& header) { header["dense1.bias"]["shape"] = {-64}; });
    expect_refused(path, ErrorCode::corrupt, "shape");
}

TEST_F(ModelFile, RefusesWrongShape) {
    edit_header([](json& header) {
        const json shape = header["dense1.weight"]["shape"];
        header["dense1.weight"]["shape"] = {shape[1], shape[0]};
    });
    expect_refused(path, ErrorCode::corrupt, "has the shape");
}

TEST_F(ModelFile, RefusesOtherTypes) {
    edit_header([](json& header) { header["dense1.bias"]["dtype"] = "BF16"; });
    expect_refused(path, ErrorCode::unsupported, "BF16");
}

TEST_F(ModelFile, RefusesWeightsThatAreNotFinite) {
    for (float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        SetUp();
        formats::SafeTensors file = formats::read_safetensors(path);
        file.tensors.at("output.weight").values[3] = value;
        formats::write_safetensors(file, path);
        expect_refused(path, ErrorCode::corrupt, "not finite");
    }
}

TEST_F(ModelFile, RefusesNewerFormat) {
    edit_header([](json& header) { header["__metadata__"]["earmark_format"] = "2"; });
    expect_refused(path, ErrorCode::unsupported, "Update Earmark");
}

TEST_F(ModelFile, RefusesMissingAndSurplusTensors) {
    formats::SafeTensors file = formats::read_safetensors(path);
    file.tensors["stowaway"] = {{2}, {1.0F, 2.0F}};
    formats::write_safetensors(file, path);
    expect_refused(path, ErrorCode::corrupt, "tensors where its network needs");
    file.tensors.erase("stowaway");
    file.tensors.erase("output.bias");
    formats::write_safetensors(file, path);
    expect_refused(path, ErrorCode::corrupt, "output.bias");
}

TEST_F(ModelFile, RefusesUnknownNetworkAndOption) {
    edit_header([](json& header) { header["__metadata__"]["network"] = "transformer"; });
    expect_refused(path, ErrorCode::unsupported, "transformer");
    SetUp();
    edit_header([](json& header) { header["__metadata__"]["network_options"] = R"({"heads": 8})"; });
    expect_refused(path, ErrorCode::unsupported, "heads");
}

TEST_F(ModelFile, RefusesMetadataThatContradict) {
    const std::pair<const char*, const char*> wrong[] = {{"labels", R"(["only"])"},
                                                         {"labels", R"(["a","a"])"},
                                                         {"labels", "5"},
                                                         {"features", "{"},
                                                         {"features", R"({"hop_length":0})"},
                                                         {"features", R"({"hop_length":"many"})"},
                                                         {"segments", R"({"frames":0})"},
                                                         {"segments", "[]"},
                                                         {"provenance", "[]"},
                                                         {"earmark_format", "zero"}};
    for (const auto& [key, value] : wrong) {
        SetUp();
        edit_header([&](json& header) { header["__metadata__"][key] = value; });
        try {
            load_model(path);
            FAIL() << "loaded with " << key << " = " << value;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::corrupt) << error.what();
        }
    }
}

TEST_F(ModelFile, RefusesEveryFlippedByteOfTheHeaderOrReadsIt) {
    // No byte of the header may bring the program down, whatever it becomes.
    const std::string whole = bytes();
    for (std::size_t place = 0; place < 8 + before_size(whole); place += 7) {
        std::string changed = whole;
        changed[place] = static_cast<char>(changed[place] ^ 0x15);
        overwrite(changed);
        try {
            load_model(path);
        } catch (const Error&) {
        }
    }
}

TEST_F(ModelFile, IsNotHalfWritten) {
    const std::string before = bytes();
    Model broken = testing::random_model("cnn");
    broken.tensors.at("output.bias").values[0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(save_model(broken, path), Error);
    EXPECT_EQ(bytes(), before);
    EXPECT_THROW(save_model(testing::random_model("cnn"), folder.path() / "missing" / "model.safetensors"), Error);
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++files;
    EXPECT_EQ(files, 1U);
}

}  // namespace
}  // namespace earmark::model
