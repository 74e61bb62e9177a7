#include "library/scan/scan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "audio/content.hpp"
#include "library/index/listing.hpp"
#include "support/error_of.hpp"
#include "support/program.hpp"
#include "support/random_model.hpp"
#include "support/signals.hpp"
#include "support/temporary_folder.hpp"
#include "support/wav.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;

class Scan : public ::testing::Test {
  protected:
    Scan() {
        save_model(testing::random_model("mlp"), model);
        make("a.wav", 220.0);
        make("b.wav", 300.0);
        make("deep/c.wav", 400.0);
    }

    fs::path make(const fs::path& name, double frequency) const {
        testing::write_wav(music / name, testing::tones(1.0, frequency));
        return music / name;
    }

    ScanSummary scan(ScanOptions options = {}, const base::StopFlag* stop = nullptr) {
        failures.clear();
        if (options.folders.empty()) options.folders = {music};
        if (options.models.empty()) options.models = {model};
        ScanEvents events;
        events.failed = [&](const Error& error) { failures.emplace_back(error.what()); };
        events.progress = [&](const base::Progress& progress) { EXPECT_LE(progress.done, progress.total); };
        return earmark::library::scan(index, options, events, stop);
    }

    std::map<std::string, TrackDetails> entries(const TrackQuery& options = {}) {
        std::map<std::string, TrackDetails> found;
        list(index, options, [&](const TrackDetails& entry) { found[entry.path.lexically_relative(music)] = entry; });
        return found;
    }

    testing::TemporaryFolder folder;
    fs::path music = folder.path() / "music";
    fs::path model = folder.path() / "model.safetensors";
    Index index{folder.path() / "index.sqlite", Database::Mode::create};
    std::vector<std::string> failures;
};

TEST_F(Scan, ReadsGenresThatFfmpegDoesNot) {
    const fs::path file = music / "ape.mp3";
    if (testing::run({"ffmpeg", "-v", "error", "-i", music / "a.wav", "-metadata", "title=A song", file}).status != 0) {
        GTEST_SKIP() << "the ffmpeg program is not installed (Debian package: ffmpeg)";
    }
    using namespace std::string_literals;
    // An APE tag of one item, with a footer alone: sizes in little-endian order, then flags.
    const std::string item = "\5\0\0\0"s + "\0\0\0\0"s + "Genre\0Polka"s;
    std::ofstream(file, std::ios::app | std::ios::binary)
        << item << "APETAGEX"s
        << "\xd0\x07\0\0"s << std::string(1, static_cast<char>(item.size() + 32)) << "\0\0\0"s
        << "\1\0\0\0"s << std::string(12, '\0');
    ASSERT_FALSE(audio::read_content(file).tags.contains("genre"));
    scan();
    EXPECT_EQ(entries()["ape.mp3"].tag_genres, std::vector<std::string>{"Polka"});
    EXPECT_EQ(entries()["ape.mp3"].content->tags.title, "A song");
    EXPECT_TRUE(entries()["b.wav"].tag_genres.empty());
}

TEST_F(Scan, AnalyzesWhatClassifyAnalyzes) {
    const ScanSummary summary = scan();
    EXPECT_EQ(summary.analyzed, 3);
    EXPECT_EQ(summary.unchanged + summary.moved + summary.missing + summary.failed, 0);
    const Classifier classifier(model);
    const auto found = entries();
    ASSERT_EQ(found.size(), 3U);
    for (const auto& [name, entry] : found) {
        const Prediction prediction = classifier.classify(entry.path);
        ASSERT_TRUE(entry.prediction);
        EXPECT_EQ(entry.prediction->probabilities, prediction.probabilities) << name;
        EXPECT_EQ(entry.prediction->duration_seconds, prediction.duration_seconds);
        ASSERT_EQ(entry.prediction->segments.size(), prediction.segments.size());
        EXPECT_EQ(entry.prediction->segments[0].probabilities, prediction.segments[0].probabilities);
        EXPECT_EQ(entry.prediction->segments[0].end_seconds, prediction.segments[0].end_seconds);
        EXPECT_EQ(entry.model->name, classifier.model().name);
        EXPECT_EQ(entry.model->labels, classifier.labels());
        EXPECT_EQ(entry.stamp, files::read_stamp(entry.path));
    }
}

TEST_F(Scan, AnalyzesNothingTwice) {
    scan();
    const ScanSummary again = scan();
    EXPECT_EQ(again.analyzed, 0);
    EXPECT_EQ(again.unchanged, 3);
    make("d.wav", 500.0);
    const ScanSummary more = scan();
    EXPECT_EQ(more.analyzed, 1);
    EXPECT_EQ(more.unchanged, 3);
}

TEST_F(Scan, AnalyzesExcerptsAndMoreLater) {
    testing::write_wav(music / "long.wav", testing::tones(60.0, 330.0));
    const Classifier classifier(model);
    const std::size_t whole = classifier.classify(music / "long.wav").segments.size();
    ASSERT_GT(whole, 4U);
    const auto in_part = [](int excerpts) {
        ScanOptions options;
        options.excerpts = excerpts;
        return options;
    };
    EXPECT_EQ(scan(in_part(2)).analyzed, 4);
    EXPECT_EQ(entries().at("long.wav").excerpts, 2);
    EXPECT_EQ(entries().at("long.wav").prediction->segments.size(), 2U);
    EXPECT_EQ(entries().at("a.wav").excerpts, 0) << "is too short for excerpts";
    EXPECT_EQ(scan(in_part(2)).analyzed, 0);
    EXPECT_EQ(scan(in_part(1)).analyzed, 0) << "there is more already";
    EXPECT_EQ(entries().at("long.wav").excerpts, 2);
    EXPECT_EQ(scan(in_part(4)).analyzed, 1);
    EXPECT_EQ(entries().at("long.wav").excerpts, 4);
    const ScanSummary last = scan();
    EXPECT_EQ(last.analyzed, 1);
    EXPECT_EQ(last.unchanged, 3);
    EXPECT_EQ(entries().at("long.wav").excerpts, 0);
    EXPECT_EQ(entries().at("long.wav").prediction->segments.size(), whole);
    EXPECT_EQ(scan(in_part(4)).analyzed, 0) << "the whole is known";
    EXPECT_EQ(entries().at("long.wav").excerpts, 0);
}

TEST_F(Scan, KnowsTheSoundOfFilesThatMoved) {
    scan();
    const auto before = entries();
    fs::rename(music / "a.wav", music / "deep" / "renamed.wav");
    fs::rename(music / "deep", music / "deeper");
    fs::copy_file(music / "b.wav", music / "copy.wav");
    const ScanSummary summary = scan();
    EXPECT_EQ(summary.analyzed, 0);
    EXPECT_EQ(summary.moved, 2);
    EXPECT_EQ(summary.copies, 1);
    EXPECT_EQ(summary.unchanged, 1);
    EXPECT_EQ(summary.missing, 0);
    const auto after = entries();
    ASSERT_EQ(after.size(), 4U);
    EXPECT_EQ(after.at("deeper/renamed.wav").prediction->probabilities, before.at("a.wav").prediction->probabilities);
    EXPECT_EQ(after.at("deeper/c.wav").prediction->probabilities, before.at("deep/c.wav").prediction->probabilities);
    EXPECT_TRUE(entries({.missing = true}).empty());
    EXPECT_EQ(scan().unchanged, 4);
}

TEST_F(Scan, AnalyzesAgainWhatChanged) {
    scan();
    const auto before = entries();
    make("a.wav", 777.0);
    const ScanSummary summary = scan();
    EXPECT_EQ(summary.analyzed, 1);
    EXPECT_EQ(summary.unchanged, 2);
    EXPECT_NE(entries().at("a.wav").prediction->probabilities, before.at("a.wav").prediction->probabilities);
    EXPECT_EQ(index.database().number("SELECT count(*) FROM verdicts"), 3) << "the old one is of no use";
}

TEST_F(Scan, AnalyzesAgainWithAnotherModelAndKeepsThePredictionsOfTheFirst) {
    scan();
    const auto before = entries();
    const fs::path other = folder.path() / "other.safetensors";
    save_model(testing::random_model("mlp", "{}", 77, 2), other);
    const ScanSummary summary = scan({.models = {other}});
    EXPECT_EQ(summary.analyzed, 3);
    EXPECT_NE(entries().at("a.wav").prediction->probabilities, before.at("a.wav").prediction->probabilities);
    EXPECT_NE(entries().at("a.wav").model->fingerprint, before.at("a.wav").model->fingerprint);
    const ScanSummary back = scan();
    EXPECT_EQ(back.analyzed, 0);
    EXPECT_EQ(back.unchanged, 3);
    EXPECT_EQ(entries().at("a.wav").prediction->probabilities, before.at("a.wav").prediction->probabilities);
}

TEST_F(Scan, MarksWhatIsMissingAndKnowsItAgain) {
    scan();
    fs::rename(music / "a.wav", folder.path() / "kept.wav");
    const ScanSummary summary = scan();
    EXPECT_EQ(summary.missing, 1);
    EXPECT_EQ(summary.unchanged, 2);
    EXPECT_EQ(entries().size(), 2U);
    ASSERT_EQ(entries({.missing = true}).size(), 1U);
    EXPECT_TRUE(entries({.missing = true}).at("a.wav").missing);
    EXPECT_EQ(scan().missing, 0) << "it has been said";

    fs::rename(folder.path() / "kept.wav", music / "a.wav");
    const ScanSummary back = scan();
    EXPECT_EQ(back.analyzed, 0);
    EXPECT_EQ(back.unchanged, 3);
    EXPECT_EQ(entries().size(), 3U);
}

TEST_F(Scan, LeavesOtherFoldersAlone) {
    scan();
    fs::remove(music / "a.wav");
    const ScanSummary summary = scan({.folders = {music / "deep"}});
    EXPECT_EQ(summary.missing, 0);
    EXPECT_EQ(summary.unchanged, 1);
    EXPECT_EQ(entries().size(), 3U);
}

TEST_F(Scan, TakesNothingForMissingThatIsOnlySkipped) {
    scan();
    const ScanSummary summary = scan({.walk = {.exclude = {"*.wav"}}});
    EXPECT_EQ(summary.missing + summary.failed, 0);
    EXPECT_EQ(entries().size(), 3U);
}

TEST_F(Scan, TakesAMissingFolderForADiskThatIsNotMounted) {
    scan();
    const auto expect_refusal = [&] {
        const ScanSummary summary = scan();
        EXPECT_EQ(summary.missing, 0);
        EXPECT_EQ(summary.failed, 1);
        ASSERT_EQ(failures.size(), 1U);
        EXPECT_TRUE(testing::contains(failures[0], music.string()));
        EXPECT_TRUE(testing::contains(failures[0], "`mark_missing`"));
        EXPECT_EQ(entries().size(), 3U);
    };
    fs::rename(music, folder.path() / "away");
    expect_refusal();
    fs::create_directories(music);
    expect_refusal();
    const ScanSummary marked = scan({.mark_missing = true});
    EXPECT_EQ(marked.missing, 3);
    EXPECT_EQ(marked.failed, 0);
    EXPECT_TRUE(entries().empty());
    fs::remove(music);
    fs::rename(folder.path() / "away", music);
    EXPECT_EQ(scan().unchanged, 3);
}

TEST_F(Scan, RemembersFailuresAndTriesThemAgainWhenAsked) {
    std::ofstream(music / "broken.mp3") << "no music";
    ScanSummary summary = scan();
    EXPECT_EQ(summary.analyzed, 3);
    EXPECT_EQ(summary.failed, 1);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_TRUE(testing::contains(failures[0], "broken.mp3"));
    const auto failed = entries({.failed = true});
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed.at("broken.mp3").error_code, "no_audio");
    EXPECT_EQ(failed.at("broken.mp3").error_message, failures[0]);

    summary = scan();
    EXPECT_EQ(summary.failed, 0);
    EXPECT_EQ(summary.failed_before, 1);
    EXPECT_EQ(scan({.retry = true}).failed, 1);
    testing::write_wav(music / "broken.mp3", testing::tones(1.0, 900.0));
    EXPECT_EQ(scan().analyzed, 1);
    EXPECT_TRUE(entries({.failed = true}).empty());
}

TEST_F(Scan, CountsCopiesAsCopies) {
    fs::copy_file(music / "a.wav", music / "z.wav");
    const ScanSummary first = scan();
    EXPECT_EQ(first.analyzed, 3);
    EXPECT_EQ(first.copies, 1);
    EXPECT_EQ(first.moved, 0) << "nothing was there to move";
    EXPECT_EQ(first.files(), 4);
    fs::rename(music / "z.wav", music / "y.wav");
    fs::copy_file(music / "a.wav", music / "x.wav");
    const ScanSummary second = scan();
    EXPECT_EQ(second.moved, 1);
    EXPECT_EQ(second.copies, 1);
}

TEST_F(Scan, ReadsTagsAgainThatAnOlderEarmarkRead) {
    scan();
    index.database().run("UPDATE files SET tag_reading = 0, artist = 'misread'");
    const ScanSummary summary = scan();
    EXPECT_EQ(summary.unchanged, 3);
    EXPECT_EQ(summary.analyzed + summary.moved, 0);
    EXPECT_EQ(entries().at("a.wav").content->tags.artist, "");
    EXPECT_EQ(index.database().number("SELECT count(*) FROM files WHERE tag_reading = " + std::to_string(tag_reading)),
              3);
}

TEST_F(Scan, KeepsThePredictionOfAFileThatCannotBeReadForAWhile) {
    scan();
    ScannedFile locked;
    locked.path = music / "a.wav";
    locked.stamp = files::read_stamp(locked.path);
    locked.state = FileState::failed;
    locked.error = Error(ErrorCode::unreadable, "a.wav: permission denied.");
    index.record(locked, 1);
    index.prune();
    EXPECT_EQ(entries({.failed = true}).at("a.wav").error_code, "unreadable");
    const ScanSummary summary = scan();
    EXPECT_EQ(summary.analyzed, 0);
    EXPECT_EQ(summary.moved, 1);
    EXPECT_EQ(entries().size(), 3U);
}

TEST_F(Scan, FindsSoundByContent) {
    fs::rename(make("d.wav", 500.0), music / "unnamed");
    fs::rename(make("e.wav", 600.0), music / "e.dat");
    std::ofstream(music / "notes.xyz") << std::string(3000, 'n');
    std::ofstream(music / "empty");
    EXPECT_EQ(scan().analyzed, 5);
    EXPECT_TRUE(failures.empty()) << failures[0];
    EXPECT_TRUE(entries().contains("unnamed"));
    EXPECT_FALSE(entries().contains("notes.xyz"));
    const ScanSummary again = scan();
    EXPECT_EQ(again.unchanged, 5);
    EXPECT_EQ(again.files(), 5);
    fs::remove(music / "notes.xyz");
    EXPECT_EQ(scan().missing, 0) << "it was nothing";
}

TEST_F(Scan, KeepsWhatWasDoneWhenStopped) {
    for (int i = 0; i < 20; ++i) make("more/" + std::to_string(i) + ".wav", 1000.0 + 10.0 * i);
    base::StopFlag stop = false;
    ScanOptions options;
    options.folders = {music};
    options.models = {model};
    options.jobs = 1;
    ScanEvents events;
    events.progress = [&](const base::Progress& progress) { stop = progress.done > 0; };
    const ScanSummary first = earmark::library::scan(index, options, events, &stop);
    EXPECT_TRUE(first.interrupted);
    EXPECT_GT(first.analyzed, 0);
    EXPECT_LT(first.analyzed, 23);
    EXPECT_EQ(std::ssize(entries()), first.analyzed);
    const ScanSummary second = scan();
    EXPECT_EQ(second.unchanged, first.analyzed);
    EXPECT_EQ(second.analyzed, 23 - first.analyzed);
}

TEST_F(Scan, SaysWhatIsWrongWithTheModel) {
    EXPECT_TRUE(testing::contains(testing::error_of([&] { scan({.models = {"/none"}}); }), "not_found"));
    std::ofstream(folder.path() / "cut.safetensors") << "1234";
    EXPECT_TRUE(testing::contains(testing::error_of([&] { scan({.models = {folder.path() / "cut.safetensors"}}); }),
                                  "cut.safetensors"));
    EXPECT_TRUE(entries().empty());
}

TEST_F(Scan, ListsInOrderAndAsAsked) {
    make("d.wav", 3000.0);
    testing::write_wav(music / "long.wav", testing::tones(3.0, 500.0));
    scan();
    const auto listed = [&](const TrackQuery& options) {
        std::vector<TrackDetails> found;
        list(index, options, [&](const TrackDetails& entry) { found.push_back(entry); });
        return found;
    };
    const auto all = listed({});
    ASSERT_EQ(all.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, [](const TrackDetails& entry) { return entry.path.native(); }));
    EXPECT_EQ(listed({.sort = SortBy::duration}).at(0).path, music / "long.wav");
    const auto probability = [](const TrackDetails& entry) {
        return entry.prediction->probabilities[entry.prediction->best()];
    };
    const auto sure = listed({.sort = SortBy::probability});
    EXPECT_TRUE(std::ranges::is_sorted(sure, std::greater<>(), probability));
    EXPECT_TRUE(std::ranges::is_sorted(listed({.sort = SortBy::genre}), {}, genre_of));
    EXPECT_EQ(listed({.limit = 2}).size(), 2U);
    const double middle = static_cast<double>(probability(sure[2]));
    EXPECT_EQ(std::ssize(listed({.minimum_probability = middle})),
              std::ranges::count_if(
                  sure, [&](const TrackDetails& e) { return static_cast<double>(probability(e)) >= middle; }));
    const std::string genre = genre_of(all[0]);
    EXPECT_EQ(std::ssize(listed({.genres = {genre}})),
              std::ranges::count_if(all, [&](const TrackDetails& entry) { return genre_of(entry) == genre; }));
    EXPECT_TRUE(testing::contains(testing::error_of([&] { listed({.genres = {"polka"}}); }), "genre0, genre1"));
    EXPECT_EQ(listed({.folders = {music / "deep"}}).size(), 1U);
    EXPECT_EQ(listed({.folders = {music / "deep" / "c.wav"}}).size(), 1U);
    EXPECT_TRUE(listed({.folders = {music / "dee"}}).empty());
    EXPECT_TRUE(listed({.uncertain = true}).empty());
}

TEST_F(Scan, ForgetsWhatIsAskedAndThePredictionsOfIt) {
    scan();
    EXPECT_EQ(index.forget(music / "dee", false), 0);
    EXPECT_EQ(index.forget(music / "deep", true), 0);
    EXPECT_EQ(index.forget(music / "deep", false), 1);
    EXPECT_EQ(index.forget(music / "a.wav", false), 1);
    index.prune();
    EXPECT_EQ(index.database().number("SELECT count(*) FROM verdicts"), 1);
    EXPECT_EQ(scan().analyzed, 2);
    EXPECT_EQ(index.forget("/", false), 3);
    index.prune();
    EXPECT_EQ(index.database().number("SELECT count(*) FROM models"), 0);
}

}  // namespace
}  // namespace earmark::library
