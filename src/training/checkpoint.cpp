#include "training/checkpoint.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/throw.hpp"
#include "formats/json.hpp"
#include "formats/safetensors.hpp"
#include "model/options_json.hpp"

namespace earmark::training {

using nlohmann::json;

namespace {

void put(formats::SafeTensors& file, const std::string& prefix, const std::map<std::string, Tensor>& tensors) {
    for (const auto& [name, tensor] : tensors) file.tensors[prefix + name] = tensor;
}

std::map<std::string, Tensor> get(const formats::SafeTensors& file, const std::string& prefix) {
    std::map<std::string, Tensor> result;
    for (const auto& [name, tensor] : file.tensors) {
        if (name.starts_with(prefix)) result[name.substr(prefix.size())] = tensor;
    }
    return result;
}

/// JSON has no NaN: what there was no validation part for is null.
json number(double value) {
    return std::isfinite(value) ? json(value) : json(nullptr);
}
double number(const json& value) {
    return value.is_null() ? std::nan("") : value.get<double>();
}

}  // namespace

void save_checkpoint(const Checkpoint& checkpoint, const json& identity, const std::filesystem::path& path) {
    json history = json::array();
    for (const Epoch& epoch : checkpoint.history) {
        history.push_back({number(epoch.train_loss), number(epoch.train_accuracy), number(epoch.valid_loss),
                           number(epoch.valid_accuracy), number(epoch.test_loss), number(epoch.test_accuracy),
                           number(epoch.penalty)});
    }
    const json state = {
        {"history", history}, {"kept_epoch", checkpoint.kept_epoch}, {"optimiser_steps", checkpoint.optimiser_steps}};
    formats::SafeTensors file;
    file.metadata = {{"checkpoint", state.dump()}, {"identity", identity.dump()}};
    put(file, "network/", checkpoint.network);
    put(file, "average/", checkpoint.average);
    put(file, "kept/", checkpoint.kept);
    put(file, "optimiser/", checkpoint.optimiser);
    formats::write_safetensors(file, path);
}

Checkpoint load_checkpoint(const json& identity, const std::filesystem::path& path) {
    const formats::SafeTensors file = formats::read_safetensors(path);
    const std::string where = path.string();
    if (!file.metadata.contains("checkpoint") || !file.metadata.contains("identity")) {
        base::fail(ErrorCode::corrupt, "{}: is no checkpoint. Remove it, or train without `resume`.", where);
    }
    const json found = formats::parse_json(file.metadata.at("identity"), where);
    if (found != identity) {
        std::string differing;
        for (const json& change : json::diff(found, identity)) {
            differing += (differing.empty() ? "" : ", ") + change.at("path").get<std::string>().substr(1);
        }
        base::fail(
            ErrorCode::bad_option,
            "{}: is of a training with another {}. Give the same options to go on with it, or train without `resume` "
            "to start anew.",
            where, differing);
    }
    Checkpoint checkpoint;
    try {
        const json state = formats::parse_json(file.metadata.at("checkpoint"), where);
        checkpoint.kept_epoch = state.at("kept_epoch").get<int>();
        checkpoint.optimiser_steps = state.at("optimiser_steps").get<std::int64_t>();
        for (const json& row : state.at("history")) {
            Epoch& epoch = checkpoint.history.emplace_back();
            epoch.number = static_cast<int>(checkpoint.history.size());
            epoch.train_loss = number(row.at(0));
            epoch.train_accuracy = number(row.at(1));
            epoch.valid_loss = number(row.at(2));
            epoch.valid_accuracy = number(row.at(3));
            epoch.test_loss = number(row.at(4));
            epoch.test_accuracy = number(row.at(5));
            epoch.penalty = number(row.at(6));
        }
    } catch (const json::exception&) {
        base::fail(ErrorCode::corrupt, "{}: is damaged. Remove it and train without `resume`.", where);
    }
    checkpoint.network = get(file, "network/");
    checkpoint.average = get(file, "average/");
    checkpoint.kept = get(file, "kept/");
    checkpoint.optimiser = get(file, "optimiser/");
    return checkpoint;
}

}  // namespace earmark::training
