#include "experiment/description/experiment.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>
#include <set>

#include "experiment/description/grid_options.hpp"
#include "experiment/description/toml_fields.hpp"
#include "formats/toml_file.hpp"

namespace earmark::experiment {

namespace {

using Kind = formats::TomlValue::Kind;

class Reader {
  public:
    explicit Reader(const std::filesystem::path& path) : where_(path.string()), file_(formats::read_toml(path)) {
        result_.name = path.stem().string();
    }

    Experiment read() {
        const TomlFields top(file_, where_, "the file",
                             {"title", "about", "seeds", "data", "protocol", "grid", "table", "figure"});
        result_.title = top.needed_text("title");
        result_.about = top.text("about");
        read_seeds(top);
        for (const formats::TomlValue* each : top.tables("data")) read_data(*each);
        for (const formats::TomlValue* each : top.tables("protocol")) read_protocol(*each);
        for (const char* needed : {"data", "protocol", "grid"}) {
            if (top.tables(needed).empty()) top.fail_at(file_, "there is no [[{}]].", needed);
        }
        for (const formats::TomlValue* each : top.tables("grid")) read_grid(*each);
        for (const formats::TomlValue* each : top.tables("table")) read_table(*each);
        for (const formats::TomlValue* each : top.tables("figure")) read_figure(*each);
        return std::move(result_);
    }

  private:
    void read_seeds(const TomlFields& top) {
        const formats::TomlValue& seeds = top.need("seeds");
        top.demand(seeds, Kind::array, "seeds", "a list of whole numbers");
        if (seeds.items.empty()) top.fail_at(seeds, "\"seeds\" is an empty list. Give at least one.");
        for (const formats::TomlValue& item : seeds.items) {
            top.demand(item, Kind::integer, "seeds", "a list of whole numbers");
            const auto seed = item.scalar.get<std::int64_t>();
            if (seed < 0) top.fail_at(item, "the seed {} is negative.", seed);
            result_.seeds.push_back(static_cast<std::uint64_t>(seed));
            if (std::count(result_.seeds.begin(), result_.seeds.end(), result_.seeds.back()) > 1) {
                top.fail_at(item, "the seed {} is named twice.", seed);
            }
        }
    }

    /// The name of an entry, which no other of its kind has.
    template <typename Entries>
    std::string new_name(const TomlFields& fields, const Entries& others) const {
        std::string name = fields.needed_text("name");
        for (const auto& other : others) {
            if (other.name == name) fields.fail_at(fields.need("name"), "there is a second \"{}\".", name);
        }
        return name;
    }

    /// Throws unless each of `names`, the value of `key`, is the name of an entry.
    template <typename Entries>
    void demand_known(const TomlFields& fields, const std::string& key, const std::vector<std::string>& names,
                      const Entries& entries, const char* kind) const {
        for (const std::string& name : names) {
            const bool known =
                std::any_of(entries.begin(), entries.end(), [&](const auto& each) { return each.name == name; });
            if (!known) fields.fail_at(fields.need(key), "there is no [[{}]] named \"{}\".", kind, name);
        }
    }

    /// Throws when `options`, the value of `key`, has one of those that the runner sets itself.
    template <typename Names>
    void refuse(const TomlFields& fields, const char* key, const Settings& options, const Names& names) const {
        const formats::TomlValue* table = fields.find(key);
        for (std::size_t i = 0; table != nullptr && i < table->keys.size(); ++i) {
            if (!options.contains(table->keys[i])) continue;
            if (std::find(std::begin(names), std::end(names), table->keys[i]) == std::end(names)) continue;
            fields.fail_at(table->items[i], "the option \"{}\" is set by earmark experiment itself. Leave it out.",
                           table->keys[i]);
        }
    }

    void read_data(const formats::TomlValue& value) {
        const TomlFields fields(value, where_, "[[data]]", {"name", "about", "store", "audio", "import", "options"});
        ExperimentData data;
        data.name = new_name(fields, result_.data);
        const auto fit = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        };
        if (!std::all_of(data.name.begin(), data.name.end(), fit)) {
            fields.fail_at(fields.need("name"),
                           "\"{}\" becomes part of a file's name: use the letters a to z, digits, - and _.", data.name);
        }
        data.about = fields.text("about");
        data.store = fields.text("store");
        data.audio = fields.text("audio");
        data.import = fields.text("import");
        if (int{!data.store.empty()} + int{!data.audio.empty()} + int{!data.import.empty()} != 1) {
            fields.fail_at(value, "[[data]] needs one of \"store\", \"audio\" and \"import\".");
        }
        data.options = fields.settings("options");
        refuse(fields, "options", data.options, std::array{"output", "quiet", "format", "help"});
        if (!data.store.empty() && !data.options.empty()) {
            fields.fail_at(fields.need("options"), "a store that is there takes no options.");
        }
        result_.data.push_back(std::move(data));
    }

    /// All of the protocol's folds, unless the file names some.
    static void read_only_folds(const TomlFields& fields, Protocol& protocol) {
        const formats::TomlValue* list = fields.find("only-folds");
        if (list == nullptr) {
            for (int fold = 0; fold < protocol.folds; ++fold) protocol.only_folds.push_back(fold);
            return;
        }
        if (protocol.folds == 0) fields.fail_at(*list, "\"only-folds\" needs \"folds\".");
        fields.demand(*list, Kind::array, "only-folds", "a list of folds");
        if (list->items.empty()) fields.fail_at(*list, "\"only-folds\" is empty.");
        for (const formats::TomlValue& item : list->items) {
            fields.demand(item, Kind::integer, "only-folds", "a list of whole numbers");
            const auto fold = item.scalar.get<std::int64_t>();
            if (fold < 0 || fold >= protocol.folds) {
                fields.fail_at(item, "fold {} is none of 0 to {}.", fold, protocol.folds - 1);
            }
            protocol.only_folds.push_back(static_cast<int>(fold));
        }
    }

    void read_protocol(const formats::TomlValue& value) {
        const TomlFields fields(
            value, where_, "[[protocol]]",
            {"name", "title", "leaks", "options", "train", "folds", "only-folds", "choose", "test"});
        Protocol protocol;
        protocol.name = new_name(fields, result_.protocols);
        protocol.title = fields.needed_text("title");
        protocol.leaks = fields.text("leaks");
        protocol.options = fields.settings("options");
        protocol.train = fields.settings("train");
        protocol.choose = fields.flag("choose");
        protocol.test = fields.find("test") == nullptr || fields.flag("test");
        if (protocol.choose && !protocol.test) {
            fields.fail_at(fields.need("choose"), "\"choose\" is for a test part; \"test = false\" leaves it alone.");
        }
        if (const formats::TomlValue* folds = fields.find("folds")) {
            fields.demand(*folds, Kind::integer, "folds", "a whole number");
            const auto count = folds->scalar.get<std::int64_t>();
            if (count < 2 || count > 1000) fields.fail_at(*folds, "\"folds\" must be 2 to 1000.");
            protocol.folds = static_cast<int>(count);
        }
        read_only_folds(fields, protocol);
        refuse(fields, "options", protocol.options, own_options(protocol.folds > 0));
        refuse(fields, "train", protocol.train, own_options(true));
        if ((protocol.choose || !protocol.test) && protocol.train.contains("watch-test")) {
            fields.fail_at(fields.need("train"), "\"watch-test\" would look at the test part, which \"{}\" keeps {}.",
                           protocol.choose ? "choose" : "test = false",
                           protocol.choose ? "for the chosen settings" : "out of sight");
        }
        result_.protocols.push_back(std::move(protocol));
    }

    /// A grid with what it takes from the one it is based on, all but name and title. Tables are merged key by key.
    formats::TomlValue with_base(const formats::TomlValue& value) const {
        const TomlFields fields(value, where_, "[[grid]]", grid_keys);
        const std::string base = fields.text("base");
        if (base.empty()) return value;
        const auto found = tables_of_grids_.find(base);
        if (found == tables_of_grids_.end()) {
            fields.fail_at(fields.need("base"), "there is no [[grid]] named \"{}\" above this one.", base);
        }
        formats::TomlValue whole = found->second;
        for (const char* own : {"name", "title"}) {
            const auto place = std::find(whole.keys.begin(), whole.keys.end(), own) - whole.keys.begin();
            whole.keys.erase(whole.keys.begin() + place);
            whole.items.erase(whole.items.begin() + place);
        }
        merge(whole, value);
        whole.line = value.line;
        return whole;
    }

    static void merge(formats::TomlValue& into, const formats::TomlValue& from) {
        for (std::size_t i = 0; i < from.keys.size(); ++i) {
            const auto place = std::find(into.keys.begin(), into.keys.end(), from.keys[i]);
            if (place == into.keys.end()) {
                into.keys.push_back(from.keys[i]);
                into.items.push_back(from.items[i]);
                continue;
            }
            formats::TomlValue& item = into.items[static_cast<std::size_t>(place - into.keys.begin())];
            if (item.kind == Kind::table && from.items[i].kind == Kind::table) {
                merge(item, from.items[i]);
            } else {
                item = from.items[i];
            }
        }
    }

    void read_grid(const formats::TomlValue& own) {
        const formats::TomlValue value = with_base(own);
        const TomlFields fields(value, where_, "[[grid]]", grid_keys);
        Grid grid;
        grid.name = new_name(fields, result_.grids);
        tables_of_grids_[grid.name] = value;
        grid.title = fields.needed_text("title");
        grid.family = fields.needed_text("family");
        grid.command = fields.find("command") ? fields.text("command") : "train";
        const auto commands = {"train", "baseline", "combine", "calibrate"};
        if (std::ranges::find(commands, grid.command) == commands.end()) {
            fields.fail_at(fields.need("command"), "\"command\" must be one of {}.", fmt::join(commands, ", "));
        }
        grid.data = fields.text("data");
        if (grid.data.empty()) {
            grid.data = result_.data.front().name;
        } else {
            demand_known(fields, "data", {grid.data}, result_.data, "data");
        }
        grid.protocols = fields.texts("protocols");
        demand_known(fields, "protocols", grid.protocols, result_.protocols, "protocol");
        if (grid.protocols.empty()) {
            for (const Protocol& each : result_.protocols) grid.protocols.push_back(each.name);
        }
        span_grid(fields, grid);
        read_networks(fields, grid);
        grid.teacher = other_grid(fields, grid, "teacher");
        grid.start = other_grid(fields, grid, "start");
        read_only(fields, grid);
        for (const Protocol& protocol : result_.protocols) {
            if (std::count(grid.protocols.begin(), grid.protocols.end(), protocol.name) == 0) continue;
            refuse(fields, "options", grid.settings.front(), own_options(protocol.folds > 0));
            if ((protocol.choose || !protocol.test) && grid.settings.front().contains("watch-test")) {
                fields.fail_at(fields.need("options"),
                               "\"watch-test\" would look at the test part, which the protocol \"{}\" keeps for the "
                               "chosen settings.",
                               protocol.name);
            }
            for (const Settings* settings : {&protocol.options, &protocol.train}) {
                for (const auto& [option, unused] : settings->items()) {
                    if (grid.settings.front().contains(option)) {
                        fields.fail_at(fields.need("options"), "the option \"{}\" is set by the protocol \"{}\" too.",
                                       option, protocol.name);
                    }
                }
            }
        }
        result_.grids.push_back(std::move(grid));
    }

    /// Of which grids one that combines or calibrates takes the networks. They become its options, so that reports name
    /// them.
    void read_networks(const TomlFields& fields, Grid& grid) const {
        grid.networks = fields.texts("networks");
        const bool combines = grid.command == "combine";
        if (!combines && grid.command != "calibrate") {
            if (grid.networks.empty()) return;
            fields.fail_at(fields.need("networks"), "\"networks\" is for \"combine\" and \"calibrate\".");
        }
        const formats::TomlValue& where = fields.need("networks");
        if (grid.networks.empty()) fields.fail_at(where, "\"networks\" is empty.");
        if (fields.find("options") != nullptr)
            fields.fail_at(fields.need("options"), "\"{}\" takes no options.", grid.command);
        demand_known(fields, "networks", grid.networks, result_.grids, "grid");
        std::size_t runs = 0;
        for (const Grid& each : result_.grids) {
            if (std::count(grid.networks.begin(), grid.networks.end(), each.name) == 0) continue;
            if (each.command == "baseline" || each.data != grid.data) {
                fields.fail_at(where, "the grid \"{}\" has no networks for the same data.", each.name);
            }
            for (const std::string& protocol : grid.protocols) {
                if (std::count(each.protocols.begin(), each.protocols.end(), protocol) > 0) continue;
                fields.fail_at(where, "the grid \"{}\" has no runs under the protocol \"{}\".", each.name, protocol);
            }
            runs += each.settings.size();
        }
        if (combines && runs < 2) fields.fail_at(where, "an ensemble needs two networks or more.");
        if (!combines && runs != 1) fields.fail_at(where, "\"calibrate\" takes one network, not {}.", runs);
        grid.settings.front()["networks"] = grid.networks;
    }

    /// The grid whose networks one that trains learns or starts from: one network for each of its runs.
    std::string other_grid(const TomlFields& fields, const Grid& grid, const char* key) const {
        const std::string name = fields.text(key);
        if (name.empty()) return name;
        const formats::TomlValue& where = fields.need(key);
        if (grid.command != "train") fields.fail_at(where, "\"{}\" is for \"train\".", key);
        demand_known(fields, key, {name}, result_.grids, "grid");
        const Grid& other = *std::ranges::find(result_.grids, name, &Grid::name);
        if (other.command == "baseline") fields.fail_at(where, "the grid \"{}\" has no networks.", name);
        if (other.command == "combine" && std::string_view(key) == "start") {
            fields.fail_at(where, "the grid \"{}\" makes ensembles, which no training can start from.", name);
        }
        if (other.settings.size() != 1) {
            fields.fail_at(where, "\"{}\" takes one network, and the grid \"{}\" has {}.", key, name,
                           other.settings.size());
        }
        for (const std::string& protocol : grid.protocols) {
            const std::string under = protocol_for(other, protocol);
            if (under.empty()) {
                fields.fail_at(where, "the grid \"{}\" has no runs under the protocol \"{}\", and several elsewhere.",
                               name, protocol);
            }
            const std::vector<int>& folds = protocol_named(under).only_folds;
            const std::vector<int>& own = protocol_named(protocol).only_folds;
            const bool each = folds.empty() || (!own.empty() && std::ranges::all_of(own, [&](int fold) {
                                  return std::ranges::find(folds, fold) != folds.end();
                              }));
            if (!each) {
                fields.fail_at(where, "the protocol \"{}\" of the grid \"{}\" lacks folds that \"{}\" has.", under,
                               name, protocol);
            }
        }
        return name;
    }

    const Protocol& protocol_named(const std::string& name) const {
        return *std::ranges::find(result_.protocols, name, &Protocol::name);
    }

    /// Which settings of a grid a protocol is confined to.
    void read_only(const TomlFields& fields, Grid& grid) const {
        const Settings only = fields.settings("only");
        for (const auto& [protocol, options] : only.items()) {
            const formats::TomlValue& where = fields.need("only");
            if (std::count(grid.protocols.begin(), grid.protocols.end(), protocol) == 0) {
                fields.fail_at(where, "\"only\" names \"{}\", which is none of the grid's protocols.", protocol);
            }
            if (!options.is_object()) {
                fields.fail_at(where, "\"only\" must name options: {} = {{ dropout = 0.6 }}.", protocol);
            }
            const bool fits = std::any_of(grid.settings.begin(), grid.settings.end(),
                                          [&](const Settings& setting) { return has_options(setting, options); });
            if (!fits) {
                fields.fail_at(where, "the grid has no setting with the options that \"only\" names for \"{}\".",
                               protocol);
            }
            grid.only[protocol] = options;
        }
    }

    void read_table(const formats::TomlValue& value) {
        const TomlFields fields(
            value, where_, "[[table]]",
            {"name", "title", "note", "grids", "kind", "columns", "sweep", "paper-protocol", "paper"});
        ExperimentTable table;
        table.name = new_name(fields, result_.tables);
        table.title = fields.needed_text("title");
        table.note = fields.text("note");
        fields.need("grids");
        table.grids = fields.texts("grids");
        demand_known(fields, "grids", table.grids, result_.grids, "grid");
        if (const formats::TomlValue* kind = fields.find("kind")) {
            table.best = fields.text("kind") == "best";
            table.by_tracks = fields.text("kind") == "tracks";
            table.by_labels = fields.text("kind") == "labels";
            if (!table.best && !table.by_tracks && !table.by_labels)
                fields.fail_at(*kind, "\"kind\" must be \"best\", \"tracks\" or \"labels\".");
        }
        table.columns = fields.texts("columns");
        table.sweep = fields.text("sweep");
        table.paper_protocol = fields.text("paper-protocol");
        if (!table.paper_protocol.empty()) {
            demand_known(fields, "paper-protocol", {table.paper_protocol}, result_.protocols, "protocol");
        }
        for (const formats::TomlValue* row : fields.tables("paper")) table.paper.push_back(paper_figure(fields, *row));
        if (!table.paper.empty() && table.paper_protocol.empty()) {
            fields.fail_at(fields.need("paper"), "[[table]] lacks \"paper-protocol\", which its figures belong to.");
        }
        result_.tables.push_back(std::move(table));
    }

    PaperFigure paper_figure(const TomlFields& fields, const formats::TomlValue& row) const {
        PaperFigure figure;
        figure.options = row.json(where_);
        const auto take = [&](const char* key) -> std::optional<double> {
            if (!figure.options.contains(key)) return std::nullopt;
            if (!figure.options[key].is_number()) fields.fail_at(row, "\"{}\" must be a number.", key);
            const double number = figure.options[key].get<double>();
            figure.options.erase(key);
            return number;
        };
        figure.accuracy = take("accuracy");
        figure.loss = take("loss");
        if (figure.accuracy && (*figure.accuracy < 0.0 || *figure.accuracy > 1.0)) {
            fields.fail_at(row, "\"accuracy\" must be 0 to 1, not per cent.");
        }
        if (!figure.accuracy && !figure.loss) fields.fail_at(row, "has neither \"accuracy\" nor \"loss\".");
        return figure;
    }

    void read_figure(const formats::TomlValue& value) {
        const TomlFields fields(value, where_, "[[figure]]",
                                {"name", "title", "note", "protocol", "curves", "clips", "clip-seconds"});
        ExperimentFigure figure;
        figure.name = new_name(fields, result_.figures);
        figure.title = fields.needed_text("title");
        figure.note = fields.text("note");
        figure.clips = fields.texts("clips");
        if (const formats::TomlValue* seconds = fields.find("clip-seconds")) {
            if (!seconds->scalar.is_number() || seconds->scalar.get<double>() <= 0.0) {
                fields.fail_at(*seconds, "\"clip-seconds\" must be a number above 0.");
            }
            figure.clip_seconds = seconds->scalar.get<double>();
        }
        for (const formats::TomlValue* each : fields.tables("curves")) {
            const TomlFields curve(*each, where_, "curves", {"title", "grid", "options"});
            CurvePanel panel{curve.needed_text("title"), curve.needed_text("grid"), curve.settings("options")};
            demand_known(curve, "grid", {panel.grid}, result_.grids, "grid");
            figure.curves.push_back(std::move(panel));
        }
        if (figure.curves.empty() == figure.clips.empty()) {
            fields.fail_at(value, "[[figure]] needs either \"curves\" or \"clips\".");
        }
        figure.protocol = fields.text("protocol");
        if (!figure.curves.empty()) {
            demand_known(fields, "protocol", {fields.needed_text("protocol")}, result_.protocols, "protocol");
        }
        result_.figures.push_back(std::move(figure));
    }

    static constexpr std::initializer_list<const char*> grid_keys{"name",    "title",     "family",  "base",
                                                                  "command", "networks",  "teacher", "start",
                                                                  "data",    "protocols", "only",    "options"};

    std::string where_;
    formats::TomlValue file_;
    std::map<std::string, formats::TomlValue> tables_of_grids_;  ///< with what they took from others
    Experiment result_;
};

}  // namespace

std::string protocol_for(const Grid& grid, const std::string& protocol) {
    if (std::ranges::find(grid.protocols, protocol) != grid.protocols.end()) return protocol;
    return grid.protocols.size() == 1 ? grid.protocols.front() : "";
}

std::vector<std::string> Run::needed() const {
    std::vector<std::string> ids = members;
    for (const std::string& other : {teacher, start}) {
        if (!other.empty()) ids.push_back(other);
    }
    return ids;
}

bool Run::predicts_genres() const {
    return options.value("targets", Settings("genres")) == "genres";
}

bool has_options(const Settings& setting, const Settings& options) {
    for (const auto& [option, value] : options.items()) {
        const auto found = setting.find(option);
        if (found == setting.end() || *found != value) return false;
    }
    return true;
}

Experiment read_experiment(const std::filesystem::path& path) {
    return Reader(path).read();
}

}  // namespace earmark::experiment
