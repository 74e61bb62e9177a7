#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "experiment/description/experiment.hpp"

namespace earmark::testing {

inline experiment::Experiment experiment_of(const std::filesystem::path& folder, const std::string& text,
                                            const std::string& name = "try.toml") {
    std::ofstream(folder / name) << text;
    return experiment::read_experiment(folder / name);
}

/// The smallest file that is right, with the options of its grid on line 14.
inline std::string small_file(const std::string& options = "{ network = \"mlp\" }", const std::string& more = "",
                              const std::string& protocol_options = "{ split = \"random-tracks\" }") {
    return "title = \"A try\"\nseeds = [1]\n[[data]]\nname = \"mfcc\"\nstore = \"mfcc.store\"\n[[protocol]]\n"
           "name = \"tracks\"\ntitle = \"Tracks\"\noptions = " +
           protocol_options +
           "\n[[grid]]\nname = \"mlp\"\n"
           "title = \"MLP\"\nfamily = \"MLP\"\noptions = " +
           options + "\n" + more;
}

}  // namespace earmark::testing
