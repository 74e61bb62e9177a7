#include "library/tagging/tagging.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/throw.hpp"
#include "cli/guard.hpp"
#include "cli/interrupt.hpp"
#include "cli/messages.hpp"
#include "cli/options.hpp"
#include "cli/output/records.hpp"
#include "cli/progress.hpp"
#include "earmark/commands/commands.hpp"
#include "earmark/library_options.hpp"
#include "earmark/prediction_text.hpp"
#include "files/walk.hpp"

namespace earmark::commands {

namespace fs = std::filesystem;
using cli::ColumnKind;
using nlohmann::ordered_json;

namespace {

struct Options {
    std::vector<std::string> folders;
    std::string index;
    std::string genre_map;
    std::string tag_map;
    cli::OutputOptions output;
    library::TagOptions tag;
    std::optional<std::int64_t> undo;  ///< 0: the last run that is not undone
    int jobs = 0;
    bool write = false;
    bool runs = false;
    bool wait = false;
    bool quiet = false;
};

bool plan_gives_moods(const library::TagPlan& plan) {
    return std::ranges::any_of(plan.tags, [](const library::PlannedTag& tag) { return tag.moods_after.has_value(); });
}

/// Writes what files' tags are to be, or have become.
class TagWriter {
  public:
    /// @param moods  whether moods are given to any file
    TagWriter(const Options& options, bool moods)
        : options_(options),
          writer_(options.output, {{"path", ColumnKind::path, "", cli::in_json},
                                   {"before", ColumnKind::json, "", cli::in_json},
                                   {"after", ColumnKind::json, "", cli::in_json},
                                   {"tag", ColumnKind::text, "tag now", cli::in_table},
                                   {"new_tag", ColumnKind::text, "new tag", cli::in_table, cli::Fit::keep},
                                   {"moods_before", ColumnKind::json, "", cli::in_json},
                                   {"moods_after", ColumnKind::json, "", cli::in_json},
                                   {"moods", ColumnKind::text, "", moods ? cli::in_table : 0U},
                                   {"probability", ColumnKind::probability, "prob."},
                                   {"certainty", ColumnKind::text, "is", cli::everywhere, cli::Fit::keep},
                                   {"planned", ColumnKind::flag, "", cli::in_json},
                                   {"written", ColumnKind::flag, "", cli::in_json},
                                   {"track", ColumnKind::text, "", cli::in_table},
                                   {"file", ColumnKind::path, "path", cli::in_table, cli::Fit::drop}}) {}

    /// @param planned  whether --write writes it
    void write(const library::PlannedTag& tag, bool planned) {
        writer_.write({tag.path.string(), ordered_json(tag.before), ordered_json(tag.after), listed(tag.before),
                       tag.writes_genres ? listed(tag.after) : "-", ordered_json(tag.moods_before),
                       ordered_json(tag.moods_after.value_or(tag.moods_before)),
                       tag.moods_after ? listed(*tag.moods_after) : "-", tag.probability, name_of(tag.certainty),
                       planned, options_.write, track_name(tag.artist, tag.title, tag.path), tag.path.string()});
    }
    void finish() { writer_.finish(); }

  private:
    static const char* name_of(library::Certainty certainty) {
        switch (certainty) {
            case library::Certainty::sure:
                return "sure";
            case library::Certainty::likely:
                return "likely";
            case library::Certainty::doubtful:
                break;
        }
        return "doubtful";
    }

    static std::string listed(const std::vector<std::string>& genres) {
        return genres.empty() ? "-" : fmt::format("{}", fmt::join(genres, "; "));
    }

    const Options& options_;
    cli::RecordWriter writer_;
};

std::string files(std::int64_t count) {
    return fmt::format("{} {}", count, count == 1 ? "file" : "files");
}

/// Says of models that nobody measured what counts as sure.
void print_unmeasured(const library::TagPlan& plan) {
    for (const std::string& model : plan.unmeasured) {
        cli::report(
            fmt::format("the model \"{}\" was not measured on tracks that had no part in it: {:.0f} % count as "
                        "sure. --minimum-probability sets another limit.",
                        model, 100.0 * library::unmeasured_sure));
    }
}

/// What was left alone, and why.
void print_rest(const library::TagPlan& plan) {
    print_unmeasured(plan);
    std::vector<std::string> parts;
    if (plan.kept > 0) parts.push_back(fmt::format("{} with a genre (--replace gives another)", plan.kept));
    if (plan.same > 0) parts.push_back(fmt::format("{} with this genre", plan.same));
    if (plan.uncertain > 0)
        parts.push_back(fmt::format("{} that the model is not sure enough of{}", plan.uncertain,
                                    plan.unsure.empty() ? "" : " (--minimum-probability takes them)"));
    if (plan.kept_moods > 0) parts.push_back(fmt::format("{} with moods (--replace gives others)", plan.kept_moods));
    if (plan.not_music > 0) parts.push_back(fmt::format("{} that are no music", plan.not_music));
    if (plan.unnamed > 0) parts.push_back(fmt::format("{} of genres that are not to be written", plan.unnamed));
    if (!parts.empty()) cli::note(fmt::format("left alone: {}", fmt::join(parts, ", ")));
}

class Tagger {
  public:
    Tagger(const Options& options, library::Index& index) : options_(options), index_(index), journal_(index) {}

    /// After a run that was killed.
    void recover() {
        journal_.recover([&](const library::TagChange& change, library::RecoveredState outcome) {
            if (options_.quiet) return;
            switch (outcome) {
                case library::RecoveredState::made:
                    cli::report(
                        fmt::format("{}: had its new tags already when an earlier run ended.", change.file.string()));
                    break;
                case library::RecoveredState::not_made:
                    cli::report(
                        fmt::format("{}: still had its old tags when an earlier run ended.", change.file.string()));
                    break;
                case library::RecoveredState::unknown:
                    cli::report(
                        fmt::format("{}: may have got its new tags before an earlier run ended, and cannot be "
                                    "read now. `earmark tag --undo` restores it when it is there again.",
                                    change.file.string()));
                    break;
            }
        });
    }

    int write(const base::StopFlag& stop) {
        const library::TagPlan plan = library::plan_tags(index_, options_.tag);
        for (const fs::path& folder : plan.unknown) {
            std::error_code error;
            if (!fs::exists(folder, error)) {
                cli::report(folder.string() + ": no such folder or file. Check the path.");
                continue;
            }
            cli::report(fmt::format("{}: the index has nothing of this path. Scan it first: `earmark scan {}`.",
                                    folder.string(), folder.string()));
        }
        const int status = options_.write && !plan.tags.empty() ? write(plan, stop) : show(plan);
        return plan.unknown.empty() ? status : cli::failed;
    }

    int undo(const base::StopFlag& stop) {
        cli::ProgressBar progress("Restoring", 0, options_.quiet);
        library::TagEvents events = events_for(progress);
        events.restored_in_part = [&](const library::TagChange& change, const std::vector<std::string>& left) {
            progress.clear();
            cli::report(fmt::format("{}: was changed since by another program. {}", change.file.string(),
                                    left.empty() ? "What the run took away is back, and what that program did stays."
                                                 : fmt::format("{}", fmt::join(left, " "))));
        };
        const library::TagSummary summary =
            library::undo_tags(index_, journal_, chosen_run(), options_.jobs, events, &stop);
        progress.finish();
        if (!options_.quiet) {
            fmt::print(stderr, "run {}: {} restored, {} of them byte for byte; {} failed\n", summary.run,
                       files(summary.done), summary.done - summary.in_part, summary.failed);
        }
        return finished(summary, "the same command goes on");
    }

    int print_runs() {
        cli::RecordWriter writer(options_.output, {{"run", ColumnKind::integer},
                                                   {"begun", ColumnKind::text},
                                                   {"changed", ColumnKind::integer, "files changed"},
                                                   {"undone", ColumnKind::integer}});
        for (const library::TagRun& run : journal_.runs()) {
            writer.write({run.id, time_text(run.begun), run.changed, run.undone});
        }
        writer.finish();
        return 0;
    }

  private:
    int show(const library::TagPlan& plan) {
        if (!options_.write) {
            print_plan(plan);
        }
        if (options_.quiet) return 0;
        std::fflush(stdout);  // the table stands before its summary, wherever both go
        if (options_.write) {
            fmt::print(stderr, "nothing to write\n");
        } else if (!plan.tags.empty() || plan.unknown.empty()) {
            fmt::print(stderr, "{} would get {}; --write writes it\n", files(std::ssize(plan.tags)),
                       plan_gives_moods(plan) ? "a genre or moods" : "a genre");
        }
        print_rest(plan);
        return 0;
    }

    /// All that was thought of, the surest group first.
    void print_plan(const library::TagPlan& plan) const {
        TagWriter writer(options_, plan_gives_moods(plan));
        for (const auto certainty :
             {library::Certainty::sure, library::Certainty::likely, library::Certainty::doubtful}) {
            for (const auto* tags : {&plan.tags, &plan.unsure}) {
                for (const library::PlannedTag& tag : *tags) {
                    if (tag.certainty == certainty) writer.write(tag, tags == &plan.tags);
                }
            }
        }
        writer.finish();
    }

    int write(const library::TagPlan& plan, const base::StopFlag& stop) {
        cli::ProgressBar progress("Writing", std::ssize(plan.tags), options_.quiet);
        library::TagEvents events = events_for(progress);
        TagWriter writer(options_, plan_gives_moods(plan));
        if (options_.output.format == cli::OutputFormat::json) {
            events.written = [&](const library::PlannedTag& tag) { writer.write(tag, true); };
        }
        const library::TagSummary summary =
            library::write_tags(index_, journal_, plan.tags, options_.jobs, events, &stop);
        progress.finish();
        if (!options_.quiet) {
            std::fflush(stdout);
            fmt::print(stderr, "{} written, {} failed{}\n", files(summary.done), summary.failed,
                       summary.done > 0 ? fmt::format("; `earmark tag --undo {}` takes it back", summary.run) : "");
            print_rest(plan);
        }
        return finished(summary, "what was written stands, and the same command goes on");
    }

    static library::TagEvents events_for(cli::ProgressBar& progress) {
        library::TagEvents events;
        events.progress = progress.sink();
        events.failed = [&](const Error& error) {
            progress.clear();
            cli::report(error);
        };
        events.noted = [&](const std::string& note) {
            progress.clear();
            cli::report(note);
        };
        return events;
    }

    std::int64_t chosen_run() {
        if (*options_.undo > 0) return *options_.undo;
        for (const library::TagRun& run : journal_.runs()) {
            if (run.undone < run.changed) return run.id;
        }
        base::fail(ErrorCode::bad_option, "{}: there is nothing to undo.", index_.database().path().string());
    }

    static int finished(const library::TagSummary& summary, const char* what_now) {
        if (summary.ending) {
            cli::report(*summary.ending);
            cli::report(fmt::format("ended early: {}, when that is put right.", what_now));
            return cli::failed;
        }
        if (summary.interrupted) base::fail(ErrorCode::interrupted, "interrupted: {}.", what_now);
        return summary.failed > 0 ? cli::failed : 0;
    }

    const Options& options_;
    library::Index& index_;
    library::TagJournal journal_;
};

int run_tag(Options options) {
    const base::StopFlag& stop = cli::stop_on_interrupt();
    const fs::path path = existing_index(options.index);
    for (const std::string& folder : options.folders) options.tag.list.folders.push_back(files::normal_path(folder));
    if (!options.genre_map.empty()) options.tag.names = library::GenreNames(options.genre_map);
    if (!options.tag_map.empty()) options.tag.mood_names = library::GenreNames(options.tag_map);
    const library::IndexLock lock = lock_index(path, options.wait, options.quiet, stop);
    library::Index index(path, library::Database::Mode::existing);
    Tagger tagger(options, index);
    tagger.recover();
    if (options.runs) return tagger.print_runs();
    if (options.undo) return tagger.undo(stop);
    return tagger.write(stop);
}

}  // namespace

void add_tag(CLI::App& app, Run& run) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("tag", "Write the predicted genres and moods into the files' tags");
    command->add_option("FOLDER", options->folders, "Folders or files; left out: all that the index has");
    command->add_flag("--write", options->write, "Write; without it, only show what would be written")
        ->configurable(false);  // asked for each time, as what follows
    command->add_flag("--replace", options->tag.replace, "Give files that have a genre or moods others");
    command->add_flag("--album", options->tag.album,
                      "One genre an album, by all its tracks together: by album and album artist, else by folder");
    command->add_option("--top", options->tag.top, "Genres a file at the most")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    command->add_option("--further", options->tag.further, "How probable genres after the first must be, with --top")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command->add_option("--genre-map", options->genre_map, "File with lines like \"hiphop = Rap\": names to write")
        ->type_name("FILE");
    command
        ->add_option(
            "--moods", options->tag.moods,
            "Moods a file at the most, of those that models of many tags are precise about; 0: none are written")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    command->add_option("--tag-map", options->tag_map, "File with lines like \"happy = Cheerful\": moods to write")
        ->type_name("FILE");
    add_search_options(*command, options->tag.list);
    command
        ->add_option_function<std::int64_t>(
            "--undo", [options](const std::int64_t& number) { options->undo = number; },
            "Restore the tags as they were before a run; without a number, the last one")
        ->expected(0, 1)
        ->default_val(0)
        ->run_callback_for_default(false)
        ->type_name("[RUN]")
        ->configurable(false);
    command->add_flag("--runs", options->runs, "List the runs that can be undone")->configurable(false);
    command->add_option("--jobs", options->jobs, "Files to write at a time; 0: one a core")
        ->check(CLI::Range(0, 1024))
        ->capture_default_str();
    cli::add_index_option(*command, options->index);
    command->add_flag("--wait", options->wait, "Wait while a scan is at work on the index");
    cli::add_output_options(*command, options->output, {cli::OutputFormat::table, cli::OutputFormat::json});
    command->add_flag("--quiet", options->quiet, "No progress and no summary");
    command->footer(
        "Without --minimum-probability, only sure genres are written: of such, nine in ten were right on tracks that had\n"
        "no part in the model. Likely and doubtful ones are shown.");
    command->callback([options, command, &run] {
        if (command->count("--minimum-probability") > 0) {
            // What falls below it is counted as left alone, rather than not looked at.
            options->tag.minimum_probability = std::exchange(options->tag.list.minimum_probability, 0.0);
        }
        run = [options] { return run_tag(*options); };
    });
}

}  // namespace earmark::commands
