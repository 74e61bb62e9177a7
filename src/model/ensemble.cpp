#include "model/ensemble.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/throw.hpp"
#include "formats/json.hpp"

namespace earmark::model {

using nlohmann::json;

namespace {

constexpr const char* track_lists[] = {"tracks", "pretraining_tracks", "validation_tracks"};

/// The key of the sounds of a list of tracks.
std::string sounds_key(const std::string& key) {
    return key.substr(0, key.size() - 1) + "_sounds";
}

/// The tracks that several models list under a key, with their sounds ("" where one is not known).
class CommonTracks {
  public:
    void add(const json& training, const std::string& key) {
        const json names = training.value(key, json());
        if (!names.is_array()) {
            all_known_ = false;
            return;
        }
        const json sounds = training.value(sounds_key(key), json::array());
        for (std::size_t i = 0; i < names.size(); ++i) {
            const bool has_sound = sounds.is_array() && i < sounds.size() && sounds[i].is_string();
            if (names[i].is_string()) tracks_.emplace(names[i], has_sound ? sounds[i].get<std::string>() : "");
        }
    }

    bool all_known() const { return all_known_; }
    bool empty() const { return tracks_.empty(); }

    void write(json& training, const std::string& key) const {
        json names = json::array();
        json sounds = json::array();
        bool any = false;
        for (const auto& [name, sound] : tracks_) {
            names.push_back(name);
            sounds.push_back(sound);
            any = any || !sound.empty();
        }
        training[key] = std::move(names);
        if (any) training[sounds_key(key)] = std::move(sounds);
    }

  private:
    std::set<std::pair<std::string, std::string>> tracks_;
    bool all_known_ = true;
};

/// What provenances say under "training", the tracks of all put together.
json common_training(std::span<const Model> models) {
    json members = json::array();
    std::map<std::string, CommonTracks> lists;
    for (const Model& model : models) {
        const json provenance = formats::parse_json(model.provenance, model.name);
        json training = provenance.value("training", json::object());
        if (!training.is_object()) training = json::object();
        for (const char* key : track_lists) {
            lists[key].add(training, key);
            training.erase(key);
            training.erase(sounds_key(key));
        }
        training["name"] = model.name;
        members.push_back(std::move(training));
    }
    json result = json::object();
    for (const char* key : {"split", "data_fingerprint"}) {
        const json first = members.front().value(key, json());
        const bool shared = std::all_of(members.begin(), members.end(), [&](const json& each) {
            return !first.is_null() && each.value(key, json()) == first;
        });
        if (shared) result[key] = first;
    }
    // Without the tracks of all, nobody could tell whether a track was learned from.
    if (lists["tracks"].all_known()) lists["tracks"].write(result, "tracks");
    for (const char* key : {"pretraining_tracks", "validation_tracks"}) {
        if (!lists[key].empty()) lists[key].write(result, key);
    }
    result["networks"] = std::move(members);
    return result;
}

/// A network as an ensemble lists it.
json to_json(const NetworkSpec& network) {
    return {{"network", network.name()}, {"network_options", network.options()}};
}

}  // namespace

std::vector<MemberNetwork> networks_of(const NetworkDescription& network, const std::string& where) {
    if (network.name != ensemble_name) return {{"", NetworkSpec::parse(network, where)}};
    constexpr std::size_t most = 100;
    const json options = formats::parse_json(network.options, where);
    const json list = options.is_object() ? options.value("networks", json()) : json();
    if (!list.is_array() || list.empty() || list.size() > most || options.size() != 1) {
        base::fail(ErrorCode::corrupt, "{}: the options of an ensemble must be its \"networks\", a list of 1 to {}.",
                   where, most);
    }
    std::vector<MemberNetwork> members;
    for (const json& each : list) {
        const json name = each.is_object() ? each.value("network", json()) : json();
        const json member_options = each.is_object() ? each.value("network_options", json()) : json();
        if (!name.is_string() || !member_options.is_object() || each.size() != 2 || name == ensemble_name) {
            base::fail(ErrorCode::corrupt,
                       "{}: network {} of the ensemble must be {{\"network\": NAME, \"network_options\": {{…}}}}.",
                       where, members.size() + 1);
        }
        members.push_back({fmt::format("network{}.", members.size() + 1),
                           NetworkSpec::parse(name.get<std::string>(), member_options, where)});
    }
    return members;
}

json network_options(std::span<const MemberNetwork> networks) {
    if (networks.size() == 1 && networks.front().prefix.empty()) return networks.front().network.options();
    json list = json::array();
    for (const MemberNetwork& member : networks) list.push_back(to_json(member.network));
    return {{"networks", std::move(list)}};
}

std::vector<Layer> build_layers(const MemberNetwork& member, const Model& model, const std::string& where) {
    return member.network.build_layers(model.segments.frames, coefficient_count(model.features),
                                       static_cast<std::int64_t>(model.labels.size()), where);
}

std::int64_t trainable_parameters(const Model& model, const std::string& where) {
    std::int64_t total = 0;
    for (const MemberNetwork& member : networks_of(model.network, where)) {
        total += trainable_parameters(build_layers(member, model, where));
    }
    return total;
}

Model combine(std::span<const Model> models, const std::string& name) {
    if (models.empty()) base::fail(ErrorCode::bad_option, "an ensemble needs models; none was given.");
    const Model& first = models.front();
    Model result;
    result.name = name;
    result.licence = first.licence;
    result.features = first.features;
    result.segments = first.segments;
    result.labels = first.labels;
    result.activation = first.activation;
    result.label_details = first.label_details;
    result.music_rule = first.music_rule;
    json list = json::array();
    for (const Model& model : models) {
        const auto differ = [&](const char* what) {
            base::fail(ErrorCode::bad_option, "{}: has other {} than {}; the networks of an ensemble share them.",
                       model.name, what, first.name);
        };
        if (!(model.features == first.features)) differ("features");
        if (!(model.segments == first.segments)) differ("segments");
        if (model.labels != first.labels) differ("genres");
        if (model.activation != first.activation) differ("activations");
        if (model.licence != first.licence) differ("terms (its licence)");
        for (const MemberNetwork& member : networks_of(model.network, model.name)) {
            list.push_back(to_json(member.network));
            const std::string prefix = fmt::format("network{}.", list.size());
            for (const auto& [tensor, values] : model.tensors) {
                if (tensor.starts_with(member.prefix)) {
                    result.tensors[prefix + tensor.substr(member.prefix.size())] = values;
                }
            }
        }
    }
    if (list.size() < 2) base::fail(ErrorCode::bad_option, "an ensemble needs two networks or more; one was given.");
    result.network = {ensemble_name, json{{"networks", std::move(list)}}.dump()};
    result.provenance = json{{"training", common_training(models)}, {"evaluation", json::object()}}.dump();
    return result;
}

}  // namespace earmark::model
