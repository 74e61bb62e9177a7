#include <gtest/gtest.h>

#include "dataset/make_store.hpp"
#include "dataset/split.hpp"
#include "dataset/track_folder.hpp"
#include "dataset/track_lookup.hpp"
#include "files/atomic_file.hpp"
#include "formats/npy.hpp"
#include "support/error_of.hpp"
#include "support/small_store.hpp"
#include "support/temporary_folder.hpp"

namespace earmark::dataset {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using testing::error_of;

/// Lists and folders as Kaggle, spreadsheets and Windows make them.
class ForeignList : public ::testing::Test {
  protected:
    fs::path at(const std::string& name) const { return folder_.path() / name; }

    void write(const std::string& name, const std::string& content = "no audio") const {
        fs::create_directories(at(name).parent_path());
        files::write_file(at(name), content);
    }

    Split split(const std::string& list, bool allow_missing = false) const {
        write("split.csv", list);
        SplitOptions options;
        options.kind = SplitKind::csv;
        options.csv = at("split.csv");
        options.allow_missing = allow_missing;
        return make_split(store, options);
    }

    FeatureStore store = testing::small_store({"blues", "hip-hop"}, 3, 1);
    const std::vector<std::string> trained{"blues.00001", "hip-hop.00000"};

  private:
    testing::TemporaryFolder folder_;
};

TEST_F(ForeignList, NamesTracksAsOtherProgramsDo) {
    for (const char* list : {
             "track,genre,part\nblues.00001,blues,train\nhip-hop.00000,hip-hop,train\n",
             "track,genre,part\nblues.00001.wav,blues,train\nhip-hop.00000.wav,hip-hop,train\n",
             "filename,label,split\nblues.00001.WAV,Blues,TRAIN\nHip-Hop.00000.mp3,hiphop,training\n",
             "\xEF\xBB\xBFtrack;genre;part\r\nblues.00001.au;blues;train\r\nhip-hop.00000.au;Hip Hop;train\r\n\r\n",
             "path\tgenre\tpart\n\"C:\\My Data\\genres_original\\blues\\blues.00001.wav\"\tblues\ttrain\n"
             "D:\\x\\hip-hop.00000.flac\thip-hop\ttrain\n\t\t\n",
             "sep=;\r\nFile ; Genre ; Part\r\n/mnt/Data/blues/blues.00001.wav;blues;train\r\n"
             "./hip-hop/hip-hop.00000.wav;HIP_HOP; Train \r\n;;\r\n",
             "track,part\n blues.00001 ,train\nhip-hop.00000,train\nblues.00001,train\n \n\n",
             "track,genre,part\rblues.00001,blues,train\rhip-hop.00000,hip-hop,train\r",
         }) {
        SCOPED_TRACE(list);
        const Split made = split(list);
        EXPECT_EQ(tracks_of(store, made, Part::train), trained);
        EXPECT_TRUE(made.warnings.empty());
    }
}

TEST_F(ForeignList, SaysWhatIsWrong) {
    const auto error = [&](const std::string& list) { return error_of([&] { split(list); }); };
    EXPECT_TRUE(contains(error("track,genre,part\nblues.00001,blues,train\nblues.00001.wav,blues,test\n"),
                         "line 3 names track \"blues.00001.wav\" again, after line 2, in another part"));
    EXPECT_TRUE(contains(error("track,genre,part\nblues.00001.wav,hip-hop,train\n"), "the data say blues"));
    EXPECT_TRUE(contains(error("track,genre,part\nblues.00001.0.wav,blues,train\n"), "whose first is blues.00000"));
    EXPECT_TRUE(
        contains(error("song,genre,part\nblues.00001,blues,train\n"), "no column \"track\", but song, genre, part"));
    EXPECT_TRUE(contains(error("track,genre,part\nblues.00001,blues,maybe\n"), "none of train, valid and test"));
    EXPECT_TRUE(contains(error("\xFF\xFEt"), "Save it as CSV in UTF-8"));
}

TEST_F(ForeignList, NamesThatMayMeanTwoTracksMeanNone) {
    store.tracks[0].name = "Album/Song.wav";
    store.tracks[1].name = "album/song.mp3";
    store.tracks[2].name = "No. 5 in C";
    const TrackLookup lookup(store);
    EXPECT_EQ(lookup.find("Album/Song.wav"), &store.tracks[0]);
    EXPECT_EQ(lookup.find("album/song"), nullptr);
    EXPECT_EQ(lookup.find("x\\no. 5 IN c.flac"), &store.tracks[2]);
    EXPECT_EQ(lookup.find("No"), nullptr);
}

TEST_F(ForeignList, AnIndexOfFeaturesMayComeFromASpreadsheet) {
    formats::NpyWriter array(at("x.npy"), {77, 13});
    array.append(std::vector<float>(4 * 77 * 13, 1.5F));
    array.commit();
    write("index.csv",
          "\xEF\xBB\xBF\"filename\";\"label\"\r\n\"blues.1.wav\";\"blues\"\r\n\"blues.2.wav\";\"Blues\"\r\n"
          "\"pop; soft.wav\";\"pop\"\r\n\"blues.3.wav\";\"blues\"\r\n;\r\n");
    SegmentOptions segments;
    segments.frames = 77;
    segments.frame_step = 1293.0 / 387.5;
    const StoreSummary summary = import_store(at("x.npy"), at("index.csv"), at("made"), {}, segments);
    EXPECT_EQ(summary.labels, (std::vector<std::string>{"blues", "pop"}));
    ASSERT_EQ(summary.warnings.size(), 1U);
    EXPECT_TRUE(contains(summary.warnings[0].message, "the genre blues is also written Blues; taken as one."));
    EXPECT_EQ(open_store(at("made")).tracks[2].name, "pop; soft.wav");
    // The same values thrice are the same sound thrice.
    EXPECT_EQ(summary.copies.size(), 3U);
}

TEST_F(ForeignList, TheFolderAboveTheGenresIsTakenWhereItsNameSaysSo) {
    for (const char* name : {"blues/blues.0.wav", "blues/blues.1.wav", "jazz/jazz.0.wav"}) {
        write(std::string("archive/Data/genres_original/") + name);
    }
    write("archive/Data/images_original/blues/blues0.png");
    write("archive/Data/features_30_sec.csv", "a,b\n");
    for (const char* folder : {"archive/Data/genres_original", "archive/Data", "archive", "archive/Data/"}) {
        SCOPED_TRACE(folder);
        const TrackFolder found = find_tracks(at(folder));
        EXPECT_TRUE(fs::equivalent(found.root, at("archive/Data/genres_original")));
        ASSERT_EQ(found.tracks.size(), 3U);
        EXPECT_EQ(found.tracks[0].name, "blues.0");
        EXPECT_EQ(found.tracks[0].genre, "blues");
        EXPECT_TRUE(found.failures.empty());
    }
}

TEST_F(ForeignList, AnotherLevelIsNamedAsTheCure) {
    write("library/Rock/album one/a.wav");
    write("library/Rock/album two/b.wav");
    const std::string high = error_of([&] { find_tracks(at("library")); });
    EXPECT_TRUE(contains(high, "has one genre, Rock"));
    EXPECT_TRUE(contains(high, "If the folders in it are the genres (album one, album two), give "));
    const std::string low = error_of([&] { find_tracks(at("library/Rock/album one")); });
    EXPECT_TRUE(contains(low, "give the one above it, " + at("library/Rock").string()));
}

}  // namespace
}  // namespace earmark::dataset
