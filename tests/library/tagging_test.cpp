#include "library/tagging/tagging.hpp"

#include <map>
#include <memory>

#include "files/atomic_file.hpp"
#include "library/tags/track_content.hpp"
#include "support/error_of.hpp"
#include "tagged_files.hpp"

namespace earmark::library {
namespace {

namespace fs = std::filesystem;
using testing::contains;
using Genres = std::vector<std::string>;

/// An index of some files, as if they had been scanned.
class Tagging : public testing::TaggedFiles {
  protected:
    void add(const fs::path& path) {
        ScannedFile file;
        file.path = path;
        file.stamp = files::read_stamp(path);
        file.content = read_track_content(path);
        const std::int64_t id = index.record(file, std::nullopt).id;
        tags.push_back({id, path, file.stamp, file.content->tags.genres, {}, {"Jazz", "Ska"}, 0.9});
        before.push_back(files::read_file(path));
    }

    void add_all_formats() {
        for (const Format& format : formats()) add(make(format, {"title=A song"}));
    }

    TagEvents events() {
        TagEvents result;
        result.failed = [&](const Error& error) { errors += std::string(error.what()) + "\n"; };
        return result;
    }

    void expect_as_before() {
        for (std::size_t i = 0; i < tags.size(); ++i)
            EXPECT_TRUE(files::read_file(tags[i].path) == before[i]) << tags[i].path;
    }

    void expect_no_copies() {
        for (const auto& entry : fs::directory_iterator(folder.path())) {
            EXPECT_NE(entry.path().filename().string().front(), '.') << entry.path();
        }
    }

    std::int64_t at_work() { return index.database().number("SELECT count(*) FROM tag_runs WHERE at_work"); }

    testing::TemporaryFolder place;
    Index index{place.path() / "index.sqlite", Database::Mode::create};
    TagJournal journal{index};
    std::vector<PlannedTag> tags;
    std::vector<std::string> before;
    std::string errors;
};

TEST_F(Tagging, WritesAndUndoesManyFilesAtATime) {
    add_all_formats();
    const TagSummary written = write_tags(index, journal, tags, 3, events());
    EXPECT_EQ(written.done, std::ssize(tags)) << errors;
    EXPECT_EQ(written.failed, 0);
    EXPECT_FALSE(written.interrupted || written.ending);
    for (const PlannedTag& tag : tags) {
        EXPECT_EQ(read_track_tags(tag.path)->genres.size(), 2U) << tag.path;
        EXPECT_EQ(index.find(tag.path)->stamp, files::read_stamp(tag.path)) << "the index is in line";
    }
    EXPECT_EQ(journal.runs().at(0).changed, std::ssize(tags));
    const TagSummary undone = undo_tags(index, journal, written.run, 3, events());
    EXPECT_EQ(undone.done, std::ssize(tags)) << errors;
    EXPECT_EQ(undone.in_part, 0);
    expect_as_before();
    expect_no_copies();
    for (const PlannedTag& tag : tags) EXPECT_EQ(index.find(tag.path)->stamp, files::read_stamp(tag.path));
    EXPECT_EQ(at_work(), 0);
}

TEST_F(Tagging, LeavesAloneWhatChangedOrWentSinceItWasScanned) {
    for (const char* name : {"kept.flac", "gone.flac", "changed.flac"}) add(make({name, "FLAC", {}}, {}));
    fs::remove(tags[1].path);
    write_genres(tags[2].path, Genres{"A genre of its own"});
    const TagSummary summary = write_tags(index, journal, tags, 2, events());
    EXPECT_EQ(summary.done, 1);
    EXPECT_EQ(summary.failed, 2);
    EXPECT_TRUE(testing::contains(errors, "gone.flac: no such file"));
    EXPECT_TRUE(testing::contains(errors, "changed.flac: has changed since it was scanned. Scan it again first."));
    EXPECT_EQ(read_track_tags(tags[2].path)->genres, Genres{"A genre of its own"});
    EXPECT_EQ(journal.runs().at(0).changed, 1);
    expect_no_copies();
}

TEST_F(Tagging, KeepsAGenreThatTheIndexDoesNotKnowOf) {
    add(make({"known.flac", "FLAC", {}}, {"genre=Polka"}));
    tags[0].values = {};
    EXPECT_EQ(write_tags(index, journal, tags, 1, events()).failed, 1);
    EXPECT_TRUE(testing::contains(errors, "known.flac: has the genre \"Polka\", which the index does not know of."))
        << errors;
    EXPECT_EQ(read_track_tags(tags[0].path)->genres, Genres{"Polka"});
    expect_no_copies();
}

TEST_F(Tagging, FinishesWhatItHasBegunWhenStopped) {
    add_all_formats();
    base::StopFlag stop = false;
    TagEvents told = events();
    told.written = [&](const PlannedTag&) { stop = true; };
    const TagSummary summary = write_tags(index, journal, tags, 1, told, &stop);
    EXPECT_TRUE(summary.interrupted);
    EXPECT_GT(summary.done, 0);
    EXPECT_LT(summary.done, std::ssize(tags));
    EXPECT_EQ(journal.runs().at(0).changed, summary.done);
    expect_no_copies();
    undo_tags(index, journal, summary.run, 0, events());
    expect_as_before();
}

TEST_F(Tagging, TouchesNothingThatTheIndexHasNoRoomFor) {
    for (const char* name : {"a.flac", "b.flac", "c.flac"}) add(make({name, "FLAC", {}}, {}));
    for (PlannedTag& tag : tags) tag.after = {std::string(100'000, 'g')};
    index.database().run("PRAGMA max_page_count = " + std::to_string(index.database().number("PRAGMA page_count") + 1));
    const TagSummary summary = write_tags(index, journal, tags, 2, events());
    ASSERT_TRUE(summary.ending);
    EXPECT_TRUE(testing::contains(summary.ending->what(), "index.sqlite: cannot be written: database or disk is full"));
    EXPECT_EQ(summary.done, 0);
    expect_as_before();
    expect_no_copies();
    index.database().run("PRAGMA max_page_count = 1000000");
    journal.recover([](const TagChange&, RecoveredState) { ADD_FAILURE() << "nothing was begun"; });
    EXPECT_EQ(at_work(), 0);
}

TEST_F(Tagging, FindsOutWhatACrashLeft) {
    for (const char* name : {"made.flac", "not_made.flac", "gone.flac", "changed.flac"}) {
        add(make({name, "FLAC", {}}, {"genre=Old"}));
    }
    fs::create_directory(folder.path() / "links");
    fs::create_directory(folder.path() / "elsewhere");
    fs::rename(make({"linked.flac", "FLAC", {}}, {}), folder.path() / "elsewhere/linked.flac");
    fs::create_symlink("../elsewhere/linked.flac", folder.path() / "links/linked.flac");
    add(folder.path() / "links/linked.flac");
    std::map<std::string, RecoveredState> found;
    {
        std::vector<std::unique_ptr<TagEdit>> tag_edits;
        std::vector<PendingChange> pending;
        for (const PlannedTag& tag : tags) {
            tag_edits.push_back(std::make_unique<TagEdit>(tag.path, edits(tag.after)));
            pending.push_back({tag.file, &tag_edits.back()->change()});
        }
        journal.record_pending(journal.begin_run(), pending);
        tag_edits[0]->commit();
        tag_edits[2]->commit();
        tag_edits[3]->commit();
    }
    fs::rename(folder.path() / "gone.flac", place.path() / "gone.flac");
    write_genres(folder.path() / "changed.flac", Genres{"Jazz", "Ska"});  // the same, with other bytes
    files::write_file(folder.path() / "elsewhere/.earmark-0123abcd.flac", "a copy that was left");
    TagJournal again(index);
    again.recover([&](const TagChange& change, RecoveredState outcome) { found[change.file.filename()] = outcome; });
    EXPECT_EQ(found["made.flac"], RecoveredState::made);
    EXPECT_EQ(found["not_made.flac"], RecoveredState::not_made);
    EXPECT_EQ(found["gone.flac"], RecoveredState::unknown);
    EXPECT_EQ(found["changed.flac"], RecoveredState::made);
    EXPECT_EQ(found["linked.flac"], RecoveredState::not_made);
    EXPECT_FALSE(fs::exists(folder.path() / "elsewhere/.earmark-0123abcd.flac"));
    EXPECT_EQ(index.find(tags[0].path)->stamp, files::read_stamp(tags[0].path)) << "the index is in line";
    EXPECT_EQ(at_work(), 0);
    // What was missing can be undone when it is back.
    fs::rename(place.path() / "gone.flac", folder.path() / "gone.flac");
    EXPECT_EQ(undo_tags(index, again, again.runs().at(0).id, 2, events()).done, 3) << errors;
    expect_as_before();
}

}  // namespace
}  // namespace earmark::library
