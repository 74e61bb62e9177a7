#include "experiment/run/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/cores.hpp"
#include "base/throw.hpp"
#include "earmark/version.hpp"
#include "experiment/description/inputs.hpp"
#include "experiment/results/results_csv.hpp"
#include "experiment/run/machine.hpp"
#include "files/atomic_file.hpp"

namespace earmark::experiment {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::chrono::seconds keep_interval{1};   // between two writings of results.csv
constexpr std::chrono::seconds state_interval{5};  // between two writings of a run's state
constexpr int interrupted_status = 128 + SIGINT;

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

template <typename T>
bool among(const std::vector<T>& list, const T& value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

/// What a killed writer left behind.
void remove_temporaries(const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".tmp") fs::remove(entry.path());
    }
}

}  // namespace

bool RunnerOptions::includes(const Run& run) const {
    return among(protocols, run.protocol) && among(grids, run.grid) && among(seeds, run.seed);
}

ExperimentRunner::ExperimentRunner(const Experiment& experiment, const ExperimentInputs& inputs, RunnerOptions options,
                                   Launcher& launcher, RunEvents events)
    : experiment_(experiment),
      inputs_(inputs),
      options_(std::move(options)),
      launcher_(launcher),
      events_(std::move(events)),
      choices_(load_choices(options_.results)) {
    if (options_.jobs <= 0) options_.jobs = base::available_cores();
    for (const Protocol& protocol : experiment.protocols) {
        has_valid_[protocol.name] = has_validation(protocol, options_.data);
    }
    for (Run& run : make_plan(experiment, inputs)) {
        Slot slot;
        slot.run = std::move(run);
        slot.selected = options_.includes(slot.run) && !slot.run.id.empty();
        if (!slot.run.id.empty()) slot.record = load_record(slot.run, folder_of(slot), RecordDetail::scores);
        if (slot.record && slot.record->failed && slot.selected && options_.retry_failed) {
            fs::remove(folder_of(slot) / "run.json");
            slot.record.reset();
        }
        if (slot.record && !slot.record->failed) {
            estimates_.add(slot.run, slot.record->seconds, slot.record->peak_memory);
        }
        slots_.push_back(std::move(slot));
    }
    for (Slot& slot : slots_) plan_stages(slot);
}

bool ExperimentRunner::has_valid(const Run& run) const {
    return has_valid_.at(run.protocol);
}

std::vector<ExperimentRunner::Stage> ExperimentRunner::wanted(const Run& run) const {
    std::vector<Stage> stages;
    if (run.command != "baseline") stages.push_back(Stage::train);
    if (!run.predicts_genres()) return stages;
    if (has_valid(run)) stages.push_back(Stage::valid);
    const Protocol& protocol = protocol_of(experiment_, run.protocol);
    bool test = protocol.test;
    if (has_valid(run) && protocol.choose) {
        const Choice* choice = choices_.find(run.protocol, run.family);
        test = choice != nullptr && choice->is_of(run);
    }
    if (test) stages.push_back(Stage::test);
    return stages;
}

void ExperimentRunner::plan_stages(Slot& slot) {
    if (!slot.selected || slot.running || (slot.record && slot.record->failed)) return;
    slot.todo.clear();
    for (const Stage stage : wanted(slot.run)) {
        const bool done = slot.record && (stage == Stage::train || (stage == Stage::valid && slot.record->valid) ||
                                          (stage == Stage::test && slot.record->test));
        if (!done) slot.todo.push_back(stage);
    }
}

ExperimentStatus ExperimentRunner::run(const base::StopFlag& stop) {
    start_ = Clock::now();
    std::set<std::pair<std::string, std::string>> families;
    for (const Slot& slot : slots_) families.emplace(slot.run.protocol, slot.run.family);
    for (const auto& [protocol, family] : families) update_choice(protocol, family);
    write_csv(true);
    for (;;) {
        if (stop && !std::exchange(stopping_, true)) launcher_.interrupt();
        if (!stopping_) start_what_fits();
        if (running_ == 0) break;
        launcher_.wait(200, [this](const LaunchEvent& event) { on_event(event); });
        if (events_.status) events_.status(status());
        write_csv(false);
    }
    write_csv(true);
    return status();
}

void ExperimentRunner::start_what_fits() {
    // Finished runs first, which lack only what a choice brought with it.
    for (const bool had_record : {true, false}) {
        for (std::size_t i = 0; i < slots_.size() && running_ < options_.jobs; ++i) {
            Slot& slot = slots_[i];
            if (slot.running || !unfinished(slot) || slot.record.has_value() != had_record) continue;
            if (!has_needed(slot)) continue;
            if (running_ > 0 && !fits(slot)) return;
            begin(i);
        }
    }
}

bool ExperimentRunner::has_needed(const Slot& slot) const {
    return std::ranges::all_of(slot.run.needed(), [this](const std::string& id) {
        const auto member = std::ranges::find_if(slots_, [&](const Slot& each) { return each.run.id == id; });
        return member != slots_.end() && !member->running && member->record.has_value();
    });
}

bool ExperimentRunner::fits(const Slot& slot) const {
    const std::int64_t needed = estimates_.memory(slot.run, store_bytes(slot.run));
    std::int64_t promised = 0;  // to those that run; without a limit of our own, what they have not taken yet
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        if (!slots_[i].running) continue;
        const std::int64_t taken = options_.memory > 0 ? 0 : launcher_.resident(static_cast<int>(i));
        promised += std::max<std::int64_t>(0, slots_[i].memory - taken);
    }
    const std::int64_t there = options_.memory > 0 ? options_.memory : available_memory();
    return needed <= there - promised;
}

std::int64_t ExperimentRunner::store_bytes(const Run& run) const {
    std::error_code error;
    const fs::path store = store_path(data_of(experiment_, run.data), options_.data, options_.results);
    const auto size = fs::file_size(store / "features.npy", error);
    return error ? 0 : static_cast<std::int64_t>(size);
}

void ExperimentRunner::begin(std::size_t index) {
    Slot& slot = slots_[index];
    const fs::path folder = folder_of(slot);
    fs::create_directories(folder);
    remove_temporaries(folder);
    slot.state = load_state(folder);
    if (slot.state.started.empty()) slot.state.started = utc_now();
    std::erase_if(slot.todo, [&](Stage stage) {
        return (stage == Stage::train && slot.state.trained) ||
               (stage == Stage::valid && is_there(folder / "valid.json")) ||
               (stage == Stage::test && is_there(folder / "test.json"));
    });
    slot.running = true;
    ++running_;
    slot.memory = estimates_.memory(slot.run, store_bytes(slot.run));
    slot.begin = slot.saved = Clock::now();
    slot.first_epoch = 0;
    slot.progress = {};
    slot.progress.label = label_of(experiment_, slot.run);
    launch_next(index);
}

Arguments ExperimentRunner::command_of(const Slot& slot, Stage stage) const {
    const Protocol& protocol = protocol_of(experiment_, slot.run.protocol);
    const RunPlaces places{options_.data,
                           store_path(data_of(experiment_, slot.run.data), options_.data, options_.results),
                           folder_of(slot)};
    if (stage == Stage::train) return training_command(slot.run, protocol, places);
    return evaluation_command(slot.run, protocol, places, stage == Stage::valid ? "valid" : "test");
}

void ExperimentRunner::launch_next(std::size_t index) {
    Slot& slot = slots_[index];
    if (slot.todo.empty()) {
        finish(slot, "");
        return;
    }
    static const char* const names[] = {"train", "valid", "test"};
    slot.progress.stage = names[static_cast<int>(slot.todo.front())];
    slot.output.clear();
    slot.summarised = false;
    slot.stage_begin = Clock::now();
    const Arguments words = command_of(slot, slot.todo.front());
    const fs::path log = folder_of(slot) / "log.txt";
    {
        std::ofstream file(log, std::ios::app);
        file << "$ earmark " << shell_line(words) << std::endl;
        slot.log_offset = static_cast<std::size_t>(file.tellp());
        if (!file) base::fail(ErrorCode::cannot_write, "{}: cannot be written. Is the disk full?", log.string());
    }
    launcher_.start(static_cast<int>(index), words, log);
}

void ExperimentRunner::on_event(const LaunchEvent& event) {
    const auto index = static_cast<std::size_t>(event.key);
    if (event.ended) {
        on_end(index, event);
    } else {
        on_line(slots_[index], event.line);
    }
}

void ExperimentRunner::on_line(Slot& slot, const std::string& line) {
    if (slot.todo.front() != Stage::train) {
        slot.output += line + "\n";
        return;
    }
    const json text = json::parse(line, nullptr, false);
    if (!text.is_object()) return;
    if (text.contains("networks")) {
        slot.state.parameters = text.value("parameters", std::int64_t{0});
        slot.summarised = true;
    } else if (text.contains("kept_epoch")) {
        slot.state.kept_epoch = text.value("kept_epoch", 0);
        slot.state.epochs = text.value("epochs", 0);
        slot.state.parameters = text.value("parameters", std::int64_t{0});
        slot.summarised = true;
    } else if (text.contains("epoch")) {
        slot.progress.epoch = text.value("epoch", 0);
        slot.progress.epochs = text.value("epochs", 0);
        if (slot.first_epoch == 0) slot.first_epoch = slot.progress.epoch;
        const auto accuracy = text.find("valid_accuracy");
        if (accuracy != text.end() && accuracy->is_number()) slot.progress.valid_accuracy = accuracy->get<double>();
        if (Clock::now() - slot.saved >= state_interval) save_progress(slot);
    }
}

/// Keeps what a run has taken so far, should this program be killed.
void ExperimentRunner::save_progress(Slot& slot) {
    RunState state = slot.state;
    state.seconds += seconds_since(slot.stage_begin);
    save_state(state, folder_of(slot));
    slot.saved = Clock::now();
}

void ExperimentRunner::on_end(std::size_t index, const LaunchEvent& event) {
    Slot& slot = slots_[index];
    const Stage stage = slot.todo.front();
    slot.state.seconds += seconds_since(slot.stage_begin);
    if (stage == Stage::train || slot.run.command == "baseline") {
        slot.state.peak_memory = std::max(slot.state.peak_memory, event.peak_memory);
    }
    std::string error;
    if (event.status == 0) {
        error = keep_stage(slot, stage);
    } else if (stopping_ || event.status == interrupted_status) {
        save_state(slot.state, folder_of(slot));
        slot.running = false;
        slot.given_up = true;
        --running_;
        if (!stopping_) tell(fmt::format("{}: was interrupted. Start again to go on.", slot.progress.label));
        return;
    } else {
        error = last_words(folder_of(slot) / "log.txt", slot.log_offset);
        if (event.status > 128) error = fmt::format("killed by signal {}: {}", event.status - 128, error);
    }
    if (!error.empty()) {
        finish(slot, error);
        return;
    }
    save_state(slot.state, folder_of(slot));
    slot.todo.pop_front();
    if (stopping_ && !slot.todo.empty()) {
        slot.running = false;
        slot.given_up = true;
        --running_;
        return;
    }
    launch_next(index);
}

std::string ExperimentRunner::keep_stage(Slot& slot, Stage stage) {
    if (stage == Stage::train) {
        slot.state.trained = slot.summarised;
        return slot.summarised ? "" : "the training ended without saying what it had made.";
    }
    const json text = json::parse(slot.output, nullptr, false);
    if (!text.is_object() || !text.contains("segments")) return "the evaluation printed no result.";
    files::write_file(folder_of(slot) / (stage == Stage::valid ? "valid.json" : "test.json"), slot.output);
    return "";
}

void ExperimentRunner::finish(Slot& slot, const std::string& error) {
    const fs::path folder = folder_of(slot);
    const bool first = !slot.record.has_value();
    RunRecord record;
    record.run = slot.run;
    record.failed = !error.empty();
    record.error = error;
    if (slot.state.trained) {
        record.epochs = slot.state.epochs;
        record.kept_epoch = slot.state.kept_epoch;
        record.parameters = slot.state.parameters;
    }
    record.seconds = slot.state.seconds;
    record.peak_memory = slot.state.peak_memory;
    record.version = version();
    record.data_fingerprint = inputs_.data.at(slot.run.data);
    record.started = slot.state.started;
    for (const Stage stage : wanted(slot.run)) {
        record.commands.push_back("earmark " + shell_line(command_of(slot, stage)));
    }
    for (const char* part : {"valid.json", "test.json"}) {
        if (!is_there(folder / part)) continue;
        const json text = json::parse(files::read_file(folder / part), nullptr, false);
        record.leaky = record.leaky || (text.is_object() && text.value("leaky", false));
    }
    save_state(slot.state, folder);
    save_record(record, folder);
    slot.record = load_record(slot.run, folder, RecordDetail::scores);
    slot.todo.clear();
    slot.running = false;
    --running_;
    csv_stale_ = true;
    if (first && !record.failed) estimates_.add(slot.run, record.seconds, record.peak_memory);
    if (events_.finished && (first || record.failed)) events_.finished(*slot.record, status());
    update_choice(slot.run.protocol, slot.run.family);
}

void ExperimentRunner::update_choice(const std::string& protocol, const std::string& family) {
    if (!protocol_of(experiment_, protocol).choose || !has_valid_.at(protocol)) return;
    std::vector<const RunRecord*> records;
    for (const Slot& slot : slots_) {
        if (slot.run.protocol != protocol || slot.run.family != family) continue;
        if (!slot.record) return;  // not complete yet
        records.push_back(&*slot.record);
    }
    std::optional<Choice> best = choose(records);
    if (!best) return;
    const Choice* old = choices_.find(protocol, family);
    const auto words = [&](const Choice& choice) {
        return fmt::format("{} under {}: {} {}", family, protocol, choice.grid, choice.options.dump());
    };
    const bool same = old != nullptr && old->grid == best->grid && canonical(old->options) == canonical(best->options);
    if (old == nullptr || same) {
        if (!same) tell(fmt::format("chosen for {}.", words(*best)));
    } else {
        // A chosen setting that the file no longer has was judged by runs that are not in the plan.
        const bool in_plan =
            std::any_of(records.begin(), records.end(), [&](const auto* each) { return old->is_of(each->run); });
        const bool judged = !in_plan || std::any_of(records.begin(), records.end(), [&](const RunRecord* each) {
            return old->is_of(each->run) && each->test;
        });
        if (judged && !options_.choose_anew) {
            tell(fmt::format(
                "warning: the choice for {} has been judged on the test part already and stays, although validation "
                "now favours {} {}. `choose_anew` replaces it.",
                words(*old), best->grid, best->options.dump()));
            return;
        }
        tell(fmt::format("chosen anew for {}.", words(*best)));
    }
    for (const Candidate& each : best->candidates) {
        if (each.failed == 0 || same) continue;
        tell(fmt::format("warning: {} of {} runs of {} {} under {} failed and had no say in the choice.", each.failed,
                         each.failed + each.runs, each.grid, each.options.dump(), protocol));
    }
    if (same) {
        for (Choice& each : choices_.current) {
            if (&each == old) each.candidates = std::move(best->candidates);
        }
    } else {
        choices_.set(std::move(*best));
    }
    save_choices(choices_, options_.results);
    for (Slot& slot : slots_) {
        if (slot.run.protocol == protocol && slot.run.family == family) plan_stages(slot);
    }
}

void ExperimentRunner::write_csv(bool now) {
    if (!csv_stale_ || (!now && Clock::now() - csv_written_ < keep_interval)) return;
    std::vector<const RunRecord*> records;
    for (const Slot& slot : slots_) {
        if (slot.record) records.push_back(&*slot.record);
    }
    files::write_file(options_.results / "results.csv", results_csv(experiment_, records));
    csv_stale_ = false;
    csv_written_ = Clock::now();
}

}  // namespace earmark::experiment
