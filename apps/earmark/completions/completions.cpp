#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>

#include "cli/output/text_width.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/completions/completion_scripts.hpp"
#include "earmark/library_options.hpp"
#include "earmark/model.hpp"
#include "library/index/index_file.hpp"
#include "library/index/indexed_models.hpp"
#include "library/tags/genre_tags.hpp"
#include "library/tags/track_tags.hpp"
#include "model/shipped_models.hpp"

namespace earmark::commands {

namespace {

using Names = std::set<std::string>;

/// A column of the files of the index.
Names column(library::Index& index, const std::string& name) {
    Names names;
    library::Statement statement =
        index.database().prepare(fmt::format("SELECT DISTINCT {0} FROM files WHERE state = 0 AND {0} <> ''", name));
    while (statement.step()) names.insert(statement.text(0));
    return names;
}

Names artists(library::Index& index) {
    return column(index, "artist");
}

Names tags(library::Index& index) {
    Names genres;
    for (const std::string& tag : column(index, "genre_tag")) {
        for (const std::string& genre : library::genres_of_tag(library::values_of(tag))) genres.insert(genre);
    }
    return genres;
}

Names genres_of_models(library::Index& index) {
    const std::vector<std::string> labels = library::IndexedModels(index.database()).labels_of(LabelGroup::genre);
    return {labels.begin(), labels.end()};
}

Names labels(library::Index& index) {
    const std::vector<std::string> labels = library::IndexedModels(index.database()).labels_of(std::nullopt);
    return {labels.begin(), labels.end()};
}

Names moods(library::Index& index) {
    const std::vector<std::string> labels = library::IndexedModels(index.database()).labels_of(LabelGroup::mood);
    return {labels.begin(), labels.end()};
}

/// Names from the index; none if there is no index, or if it cannot be read.
Names from_index(Names (*names)(library::Index&)) {
    try {
        library::Index index = open_index("");
        return names(index);
    } catch (const Error&) {
        return {};
    }
}

/// The genres that the models of the index predict, or without an index the default model.
Names genres() {
    Names names = from_index(genres_of_models);
    if (!names.empty()) return names;
    try {
        const std::vector<std::string> labels = load_model(model_path("")).labels;
        return {labels.begin(), labels.end()};
    } catch (const Error&) {
        return {};
    }
}

/// Names that a shell offers, one a line. A name that holds a line break or the like is left out.
int list_names(const std::string& what) {
    const Names names = what == "genres"    ? genres()
                        : what == "artists" ? from_index(artists)
                        : what == "tags"    ? from_index(tags)
                        : what == "labels"  ? from_index(labels)
                        : what == "moods"   ? from_index(moods)
                                            : model::shipped_models();
    for (const std::string& name : names) {
        if (cli::cell_text(name) == name) fmt::print("{}\n", name);
    }
    return 0;
}

}  // namespace

void add_completions(CLI::App& app, Run& run) {
    auto shell = std::make_shared<std::string>();
    auto list = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("completions", "Print completions for a shell: commands, options, values");
    command->add_option("SHELL", *shell, "bash, zsh or fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->configurable(false);
    command->add_option("--list", *list, "Instead print the names that these completions offer")
        ->check(CLI::IsMember({"genres", "artists", "tags", "labels", "moods", "models"}))
        ->configurable(false);
    command->footer(
        "Installed, they are where the shells look for them. Otherwise: source <(earmark completions bash).");
    command->callback([shell, list, &app, &run] {
        if (shell->empty() && list->empty()) throw CLI::RequiredError("SHELL (bash, zsh or fish) or --list");
        if (!shell->empty() && !list->empty()) throw CLI::ExcludesError("--list", "SHELL");
        if (!list->empty()) {
            run = [list] { return list_names(*list); };
            return;
        }
        run = [shell, &app] {
            static const std::map<std::string, std::string (*)(const CLI::App&)> makers = {
                {"bash", bash_completions}, {"fish", fish_completions}, {"zsh", zsh_completions}};
            fmt::print("{}", makers.at(*shell)(app));
            return 0;
        };
    });
}

}  // namespace earmark::commands
