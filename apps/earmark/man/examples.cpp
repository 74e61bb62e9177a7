#include "earmark/man/examples.hpp"

#include <fmt/ranges.h>

#include <map>

namespace earmark::commands {

std::vector<Example> examples_of(const cli::CommandPath& path) {
    static const std::map<std::string, std::vector<Example>> all = {
        {"",
         {{"Predict the genres of all music in a folder:", "earmark classify ~/Music"},
          {"Analyze a library once, then list its jazz:",
           "earmark scan ~/Music\nearmark list --genre jazz --minimum-probability 0.8"}}},
        {"classify",
         {{"Predict the genre of a file, and how it changes over time:", "earmark classify --segments song.mp3"},
          {"Predict moods, voices and styles beside the genre:",
           "earmark classify --model default --model msd-musicnn song.mp3"},
          {"Analyze five segments of each track, and write CSV:",
           "earmark classify --excerpts 5 --format csv ~/Music > genres.csv"}}},
        {"scan",
         {{"Analyze all but the podcasts, on two cores:", "earmark scan ~/Music --exclude Podcasts --jobs 2"},
          {"Scan the folders of the settings, quietly, from a timer:", "earmark scan --quiet --wait"}}},
        {"list",
         {{"Files whose tags name another genre:", "earmark list --disagree --format csv > to-look-at.csv"},
          {"The most probable pop:", "earmark list --genre pop --sort probability --limit 10"}}},
        {"playlist",
         {{"Two hours of jazz, at most three tracks of each artist:",
           "earmark playlist --genre jazz --hours 2 --per-artist 3 --output jazz.m3u8"},
          {"Tracks that are similar to one:", "earmark playlist --like song.mp3 --limit 20 --output like.m3u8"}}},
        {"stats", {{"The library in numbers, and as a picture:", "earmark stats --output library.svg"}}},
        {"tag",
         {{"Show what would be written, write it, and undo it:",
           "earmark tag ~/Music\nearmark tag ~/Music --write\nearmark tag --undo"}}},
        {"forget", {{"Forget files that are missing:", "earmark forget --missing"}}},
        {"export", {{"Write the embeddings of a library for NumPy:", "earmark export --output embeddings.npy"}}},
        {"features",
         {{"Log-mel bands as a NumPy array:", "earmark features song.mp3 --kind logmel --output song.npy"}}},
        {"plot",
         {{"Waveform and MFCCs:", "earmark plot song.mp3 --output song.svg"},
          {"A minute of mel bands with the prediction below:",
           "earmark plot song.mp3 --kind logmel --kind genres --start 30 --duration 60 --output song.png"}}},
        {"store create", {{"Compute the features of a collection:", "earmark store create genres --output store"}}},
        {"store info", {{"Describe a store as JSON:", "earmark store info store --format json"}}},
        {"train",
         {{"Train a convolutional network on a store:",
           "earmark train store --network cnn --epochs 40 --seed 1 --output cnn.safetensors"},
          {"Go on after Ctrl-C:",
           "earmark train store --network cnn --epochs 40 --seed 1 --output cnn.safetensors --resume"}}},
        {"evaluate",
         {{"Measure a model on the tracks it has not learned from:",
           "earmark evaluate store --model cnn.safetensors --confusion confusion.svg"}}},
        {"baseline",
         {{"A support vector machine under the same split:", "earmark baseline store --method svm --seed 1"}}},
        {"experiment run",
         {{"Do all runs of an experiment that are not finished:",
           "earmark experiment run experiments/paper.toml --data data"}}},
        {"experiment report",
         {{"One page of the finished runs:",
           "earmark experiment report experiments/paper.toml --data data --output report.html"}}},
        {"model", {{"Describe the model that is used when none is named:", "earmark model"}}},
        {"model calibrate",
         {{"Fit temperature and threshold on the validation part:",
           "earmark model calibrate cnn.safetensors --data store"}}},
        {"model combine",
         {{"An ensemble of three networks:",
           "earmark model combine a.safetensors b.safetensors c.safetensors --output ensemble.safetensors"}}},
        {"help",
         {{"Read a man page that is not installed:", "earmark help --man scan | man -l -"},
          {"Read about the settings file:", "earmark help settings"}}},
        {"completions", {{"In the shell at hand, bash:", "source <(earmark completions bash)"}}},
    };
    const auto found = all.find(fmt::format("{}", fmt::join(path, " ")));
    return found == all.end() ? std::vector<Example>() : found->second;
}

const char* const settings_example = R"(index = "~/Music/.earmark.sqlite"
quiet = true

[scan]
folders = ["~/Music", "/srv/music"]
exclude = ["Podcasts", "*.wav"]
jobs = 2

[list]
sort = "probability"

[tag]
minimum-probability = 0.8

[model.calibrate]
data = "/srv/gtzan-store"
quiet = false)";

}  // namespace earmark::commands
